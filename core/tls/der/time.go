package der

import "time"

// Time returns the moment that an element says, in UTC, and whether it is one: UTCTime or
// GeneralizedTime, which may lack seconds, have a fraction that does not count, or say how
// far its zone is from UTC.
func (e Element) Time() (time.Time, bool) {
	text := e.Body
	year, ok := 0, true
	number := func(digits, least, most int) int {
		n := 0
		if len(text) < digits {
			ok = false
			return least
		}
		for _, c := range text[:digits] {
			if c < '0' || c > '9' {
				ok = false
			}
			n = 10*n + int(c-'0')
		}
		text = text[digits:]
		ok = ok && n >= least && n <= most
		return n
	}
	switch e.Tag {
	case UTCTime:
		if year = 1900 + number(2, 0, 99); year < 1950 {
			year += 100
		}
	case GeneralizedTime:
		year = number(4, 0, 9999)
	default:
		return time.Time{}, false
	}
	month, day, hour, minute, second := number(2, 1, 12), number(2, 1, 31), number(2, 0, 23), number(2, 0, 59), 0
	if len(text) > 0 && text[0] >= '0' && text[0] <= '9' {
		second = number(2, 0, 59)
	}
	if e.Tag == GeneralizedTime && len(text) > 1 && text[0] == '.' {
		digits := 1
		for digits < len(text) && text[digits] >= '0' && text[digits] <= '9' {
			digits++
		}
		ok = ok && digits > 1
		text = text[digits:]
	}
	if !ok || len(text) == 0 {
		return time.Time{}, false
	}
	zone := text[0]
	text = text[1:]
	var offset time.Duration
	switch zone {
	case 'Z':
	case '+', '-':
		offset = time.Duration(number(2, 0, 12))*time.Hour + time.Duration(number(2, 0, 59))*time.Minute
		if zone == '-' {
			offset = -offset
		}
	default:
		return time.Time{}, false
	}
	t := time.Date(year, time.Month(month), day, hour, minute, second, 0, time.UTC)
	// A day that its month does not have would be one of the next.
	if !ok || len(text) > 0 || t.Day() != day {
		return time.Time{}, false
	}
	return t.Add(-offset), true
}
