package database_test

import (
	"slices"
	"testing"
	"time"

	"syncline/sync/source"
	"syncline/sync/source/database"
)

// Rows with a time of change are left out where they are older than what is asked for, but
// for their keys; a time without a zone may be an hour off, and what has none is read.
func TestRowsChangedSinceComeWholeAndTheOthersByTheirKeys(t *testing.T) {
	t.Parallel()
	for _, kind := range kinds {
		t.Run(kind, func(t *testing.T) {
			t.Parallel()
			h := newHouse(t, kind)
			instant, civil := "timestamptz", "timestamp"
			if kind != database.Postgres {
				instant, civil = "timestamp(6) NULL", "datetime(6)"
			}
			h.exec(t, "CREATE TABLE things(id integer NOT NULL PRIMARY KEY, name varchar(20), at "+instant+", local "+civil+", twin integer)")
			if kind == database.MySQL {
				h.exec(t, "SET time_zone = '+00:00'")
			}
			h.exec(t, `INSERT INTO things VALUES
				(1, 'old', '2026-03-01 10:00:00', '2026-03-01 11:00:00', 1),
				(2, 'new', '2026-03-02 10:00:00', '2026-03-02 11:00:00', 1),
				(3, 'never', NULL, NULL, 1),
				(4, 'just then', '2026-03-01 12:00:00.5', '2026-03-01 13:00:00.5', 1),
				(5, 'just before', '2026-03-01 12:00:00.25', '2026-03-01 13:00:00.25', 1)`)
			berlin, err := time.LoadLocation("Europe/Berlin")
			if err != nil {
				t.Fatal(err)
			}
			open := func(modified, query string, key ...string) *database.Source {
				o := h.opts
				o.Table, o.Query, o.Key, o.Modified, o.Zone = "things", query, key, modified, berlin
				if query != "" {
					o.Table = ""
				}
				return openAs(t, o)
			}
			spares := func(s *database.Source) bool {
				ok, err := s.Spares(t.Context())
				if err != nil {
					t.Fatal(err)
				}
				return ok
			}
			if kind == database.SQLite {
				if spares(open("at", "", "id")) {
					t.Error("texts are no times")
				}
				return
			}
			if spares(open("at", "", "twin")) || spares(open("name", "", "id")) || spares(open("", "", "id")) || spares(open("at", "SELECT * FROM things", "id")) {
				t.Error("rows can be left out without a key of their own, or a time")
			}
			since := time.Date(2026, 3, 1, 12, 0, 0, 5e8, time.UTC)
			for modified, want := range map[string][]string{"at": {"2", "3", "4"}, "local": {"2", "3", "4", "5"}} {
				s := open(modified, "", "id")
				var whole, spared []string
				for row, err := range s.RowsSince(t.Context(), since.Add(map[string]time.Duration{"local": time.Hour}[modified])) {
					if err != nil {
						t.Fatal(err)
					}
					if row.Spared {
						spared = append(spared, row.Key)
					} else if whole = append(whole, row.Key); row.Fields["name"].Empty() {
						t.Errorf("%+v is not whole", row)
					}
					if row.Modified.IsZero() != (row.Key == "3") {
						t.Errorf("%s was changed at %v", row.Key, row.Modified)
					}
				}
				slices.Sort(whole)
				if !spares(s) || !slices.Equal(whole, want) || len(whole)+len(spared) != 5 {
					t.Errorf("%s: whole %v, spared %v", modified, whole, spared)
				}
			}
			var by source.Sparing = open("at", "", "id")
			var found []string
			for row, err := range by.RowsByKey(t.Context(), []string{"5", "1", "77"}) {
				if err != nil || row.Spared {
					t.Fatal(row, err)
				}
				found = append(found, row.Key+row.Fields["name"].String())
			}
			if slices.Sort(found); !slices.Equal(found, []string{"1old", "5just before"}) {
				t.Error(found)
			}
		})
	}
}
