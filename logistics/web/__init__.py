"""What every page shares: permissions, security headers, forms, errors, languages, filters."""
