"""A distribution day across crew, goods and money: readiness, dispatch, return, cancel."""
