"""Speed, as ratios to a bare page under the same server in the same run: ``make bench``. Nothing here is a test."""
