package engine_test

import (
	"context"
	"fmt"
	"iter"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"syncline/sync/engine"
	"syncline/sync/hubspot/practice"
	"syncline/sync/record"
	"syncline/sync/source"
)

const changedOnly = `
syncline: 1
name: Customers
source: { kind: csv, path: customers.csv, key: [id], modified: Changed }
hubspot:
  object: contacts
  match: [ { field: Email, property: email } ]
direction: two-way
create: hubspot
fields:
  - { field: Email, property: email }
  - { field: First, property: firstname }
`

// sparing is a source that tells which of its rows have changed, as tables do.
type sparing struct {
	source.Source
	whole []string // keys of the rows that were read whole although others were not
}

func (s *sparing) Spares(context.Context) (bool, error) { return true, nil }

func (s *sparing) RowsSince(ctx context.Context, since time.Time) iter.Seq2[record.Row, error] {
	return func(yield func(record.Row, error) bool) {
		for row, err := range s.Source.Rows(ctx, time.Time{}) {
			if row.Modified.Before(since) && !row.Modified.IsZero() {
				row = record.Row{Key: row.Key, Line: row.Line, Modified: row.Modified, Spared: true}
			} else {
				s.whole = append(s.whole, row.Key)
			}
			if !yield(row, err) {
				return
			}
		}
	}
}

func (s *sparing) RowsByKey(ctx context.Context, keys []string) iter.Seq2[record.Row, error] {
	return func(yield func(record.Row, error) bool) {
		for row, err := range s.Source.Rows(ctx, time.Time{}) {
			if slices.Contains(keys, row.Key) {
				if s.whole = append(s.whole, row.Key); !yield(row, err) {
					return
				}
			}
		}
	}
}

// Of rows with a time of change only the newer ones are read, and those that are not known. Which rows
// are there is told by their keys; an edit that left the time as it was is found once a day.
func TestOnlyTheChangedRowsOfATableAreRead(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newStage(t, practice.Options{Now: time.Now}, changedOnly, "")
		s.small = -1
		began := time.Now().Add(-3 * time.Hour)
		line := func(id int, name string, after time.Duration) string {
			return fmt.Sprintf("%d,p%d@example.com,%s,%s\n", id, id, name, began.Add(after).UTC().Format(time.RFC3339))
		}
		rows := func(lines ...string) { s.write(s.file, "id,Email,First,Changed\n"+strings.Join(lines, "")) }
		run := func(want ...string) engine.Counts {
			t.Helper()
			var from *sparing
			res, err := s.with(func(ctx context.Context, e *engine.Engine) (engine.Result, error) {
				from = &sparing{Source: e.Source}
				e.Source = from
				return e.Run(ctx, "")
			})
			slices.Sort(from.whole)
			if err != nil || !slices.Equal(from.whole, want) {
				t.Errorf("read whole: %v, not %v: %+v, %v", from.whole, want, res.Counts, err)
			}
			return res.Counts
		}
		name := func(id int) string {
			_, p := s.by("email", fmt.Sprintf("p%d@example.com", id))
			return p["firstname"]
		}

		rows(line(1, "A", 0), line(2, "B", 0), line(3, "C", 0), line(5, "E", time.Hour))
		run()
		run() // by now HubSpot has the property that keeps our keys, which rows are taken to values with
		time.Sleep(time.Hour)
		// 2 is edited, 3 without a new time; 1 leaves; 4 comes late, with an old time.
		rows(line(2, "B2", 2*time.Hour), line(3, "C2", 0), line(4, "D", 0), line(5, "E", time.Hour))
		if got := run("2", "4", "5"); got.Read != 5 || got.Skipped != 1 || got.Created != 1 || got.Updated != 1 || name(2) != "B2" || name(3) != "C" || name(4) != "D" {
			t.Errorf("%+v: %s, %s, %s", got, name(2), name(3), name(4))
		}
		// What a run wrote into a row itself is read again.
		id, _ := s.by("email", "p3@example.com")
		s.edit(id, "firstname", "C3")
		time.Sleep(time.Hour)
		rows(line(2, "B2", 2*time.Hour), line(3, "C", 0), line(4, "D", 0), line(5, "E", time.Hour))
		run("2")
		if !strings.Contains(s.contents(), "C3") {
			t.Error(s.contents())
		}
		run("2", "3")
		s.replace("C3", "C4")
		run("2")
		time.Sleep(24 * time.Hour)
		if run(); name(3) != "C4" {
			t.Errorf("%s\n%s", name(3), s.contents())
		}
		// Another mapping takes all rows to values anew.
		s.write(s.def, strings.Replace(changedOnly, "property: firstname", "property: lastname", 1))
		run()
	})
}
