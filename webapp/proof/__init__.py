"""What the company's own history proves: statistics, the one place where numbers are not exact. No Flask, no clock."""
