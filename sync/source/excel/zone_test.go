package excel_test

import (
	"testing"
	"time"

	"github.com/xuri/excelize/v2"

	"syncline/sync/record"
	"syncline/sync/source"
	"syncline/sync/source/excel"
)

// The times in cells are those that the clocks of the source's zone show: a
// moment that is written becomes one, and reads back as the same moment. Without
// a zone it stays a text, or is refused where the column has times.
func TestAMomentIsWrittenAsTheTimeOfTheZone(t *testing.T) {
	t.Parallel()
	berlin, err := time.LoadLocation("Europe/Berlin")
	must(t, err)
	signed := time.Date(2024, 1, 2, 8, 0, 0, 0, time.UTC)
	for name, c := range map[string]struct {
		zone        *time.Location
		dates       bool // the column has times already
		value, want string
		refused     bool
	}{
		"winter":               {berlin, true, "2024-03-05T12:00:00Z", "2024-03-05T13:00:00", false},
		"summer":               {berlin, true, "2024-07-05T12:00:00.500Z", "2024-07-05T14:00:00.500", false},
		"another day":          {berlin, true, "2024-07-05T23:30:00Z", "2024-07-06T01:30:00", false},
		"an offset":            {berlin, true, "2024-07-05T12:00:00+09:00", "2024-07-05T05:00:00", false},
		"an hour that repeats": {berlin, true, "2024-10-27T00:30:00Z", "", true},
		"an empty column":      {berlin, false, "2024-03-05T12:00:00Z", "2024-03-05T13:00:00", false},
		"no zone":              {nil, true, "2024-03-05T12:00:00Z", "", true},
		"no zone, no times":    {nil, false, "2024-03-05T12:00:00Z", "2024-03-05T12:00:00Z", false},
		"a local time":         {nil, true, "2024-03-05T12:00:00", "2024-03-05T12:00:00", false},
		"a day":                {nil, true, "2024-03-05", "2024-03-05T00:00:00", false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			path := book(t, func(f *excelize.File) {
				row(f, 1, "Id", "Signed")
				row(f, 2, "1")
				row(f, 3, "2")
				if c.dates {
					row(f, 3, "2", signed)
				}
			})
			s, err := excel.Open(t.Context(), excel.Options{Path: path, Key: []string{"Id"}, Zone: c.zone})
			must(t, err)
			change := update("1", "Signed", c.value)
			change.Expect = record.Values{}
			change.Types = map[string]record.Type{"Signed": record.TypeDateTime}
			p, err := s.Prepare(t.Context(), []source.Change{change})
			must(t, err)
			if o := p.Outcomes()[0]; c.refused != (o.State == source.Refused) {
				t.Fatalf("%+v", o)
			}
			must(t, p.Commit(t.Context()))
			if got := rows(t, s)[0].Fields["Signed"].String(); got != c.want {
				t.Errorf("%s reads back as %q, want %q", c.value, got, c.want)
			}
		})
	}
}
