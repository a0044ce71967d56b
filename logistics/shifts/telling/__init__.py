"""What people are told: mails, reminders, calls for help, calendars."""
