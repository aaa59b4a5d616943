"""Plain data that every room shares: labs, services, reports, events, errors. No room below, nothing but the standard library."""
