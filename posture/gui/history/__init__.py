"""The Today page: today, the last seven days, and how it went over weeks."""
