package portal

import (
	"errors"
	"fmt"
	"strings"

	"syncline/sync/hubspot"
)

// refusal is a refusal of HubSpot in a sentence for a person, with the properties
// that it is about.
type refusal struct {
	where string
	err   error
}

func (s *Source) refused(err error) error { return &refusal{s.where(), err} }

func (r *refusal) Error() string {
	var e *hubspot.Error
	if !errors.As(r.err, &e) {
		return r.err.Error()
	}
	var all []string
	for _, d := range e.Details {
		if d.Message != "" {
			all = append(all, strings.TrimPrefix(d.Property+": ", ": ")+strings.TrimSpace(d.Message))
		}
	}
	if len(all) == 0 && e.Message != "" {
		all = append(all, strings.TrimSpace(e.Message))
	}
	lacking := strings.Trim(strings.Join(e.Context["properties"], ", "), "[]")
	if lacking != "" {
		all = append(all, "it lacks "+lacking)
	}
	if len(all) == 0 {
		return r.err.Error()
	}
	text := []rune(strings.Join(all, "; "))
	return fmt.Sprintf("HubSpot refused it in the portal %s: %s", r.where, string(text[:min(len(text), 600)]))
}

// Unwrap returns HubSpot's own error.
func (r *refusal) Unwrap() error { return r.err }
