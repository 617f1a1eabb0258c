package record_test

import (
	"strings"
	"testing"

	"syncline/sync/record"
)

func TestAPortalsRulesForValues(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		rule  string
		args  []string
		value string
		says  string // "" = it is kept
	}{
		{"MAX_LENGTH", []string{"3"}, "äbc", ""}, {"MAX_LENGTH", []string{"3"}, "abcd", "longer than the 3 characters"}, {"MAX_LENGTH", []string{"x"}, "abcd", ""},
		{"MIN_LENGTH", []string{"3"}, "ab", "shorter than the 3 characters"}, {"MIN_LENGTH", []string{"3"}, "", ""},
		{"MAX_NUMBER", []string{"10"}, "10", ""}, {"MAX_NUMBER", []string{"10"}, "10.5", "more than 10"}, {"MIN_NUMBER", []string{"1"}, "0", "less than 1"}, {"MIN_NUMBER", []string{"1"}, "one", ""},
		{"DECIMAL", []string{"2"}, "1.25", ""}, {"DECIMAL", []string{"2"}, "1.255", "more than the 2 decimals"},
		{"ALPHANUMERIC", []string{"NUMERIC_ONLY"}, "0123", ""}, {"ALPHANUMERIC", []string{"NUMERIC_ONLY"}, "12a", "digits only"}, {"ALPHANUMERIC", []string{"SOMETHING_NEW"}, "?", ""},
		{"REGEX", []string{`[A-Z]{2}\d+`}, "AB12", ""}, {"REGEX", []string{`[A-Z]{2}\d+`}, "xAB12", "does not fit the pattern"}, {"REGEX", []string{"("}, "a", ""},
		{"START_DATE", []string{"2024-01-01"}, "2023-12-31", "before 2024-01-01"}, {"END_DATE", []string{"1704067200000"}, "2024-01-02", "after 2024-01-01"}, {"END_DATE", []string{"soon"}, "2024-01-02", ""},
		{"EMAIL_ALLOWED_DOMAINS", []string{"acme.com"}, "a@ACME.com", ""}, {"EMAIL_ALLOWED_DOMAINS", []string{"acme.com"}, "a@b.com", "at acme.com only"}, {"EMAIL_BLOCKED_DOMAINS", []string{"b.com"}, "a@b.com", "no addresses at b.com"},
		{"AFTER_DURATION", []string{"3", "DAYS"}, "2020-01-01", ""}, {"UNKNOWN", nil, "x", ""},
	} {
		why := record.Validation{Type: tt.rule, Args: tt.args}.Refuses(tt.value)
		if (why == "") != (tt.says == "") || !strings.Contains(why, tt.says) {
			t.Errorf("%s %v of %q: %q", tt.rule, tt.args, tt.value, why)
		}
	}
}
