"""Days and times: the day, the month in letters, 24 hours."""

DATE_FORMAT = "j E Y"
SHORT_DATE_FORMAT = "j b Y"
MONTH_DAY_FORMAT = "j E"
DATETIME_FORMAT = "j E Y, H:i"
SHORT_DATETIME_FORMAT = "j b, H:i"
TIME_FORMAT = "H:i"
