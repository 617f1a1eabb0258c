package definition

import (
	"errors"
	"strconv"
	"strings"
)

// ParseLimit reads a guard: a count such as 1000, or a share such as 20%.
func ParseLimit(s string) (Limit, error) {
	text, share := strings.CutSuffix(strings.TrimSpace(s), "%")
	if share {
		p, err := strconv.ParseFloat(strings.TrimSpace(text), 64)
		if err != nil || !(p >= 0 && p <= 100) || strings.ContainsAny(text, "xXpPeE_+") {
			return Limit{}, errLimit
		}
		return Limit{Percent: p, Share: true}, nil
	}
	n, err := strconv.Atoi(text)
	if err != nil || n < 0 || strings.HasPrefix(text, "+") {
		return Limit{}, errLimit
	}
	return Limit{Count: n}, nil
}

var errLimit = errors.New("must be a count such as 1000, or a share from 0% to 100%")

// String writes the limit as ParseLimit reads it.
func (l Limit) String() string {
	if l.Share {
		return strconv.FormatFloat(l.Percent, 'f', -1, 64) + "%"
	}
	return strconv.Itoa(l.Count)
}

// Of returns how many of total the limit allows. A share is rounded down.
func (l Limit) Of(total int) int {
	if l.Share {
		return int(float64(total) * l.Percent / 100)
	}
	return l.Count
}
