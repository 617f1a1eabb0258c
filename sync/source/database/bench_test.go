package database_test

import (
	"fmt"
	"os"
	"runtime/metrics"
	"slices"
	"strconv"
	"strings"
	"testing"

	"syncline/sync/record"
	"syncline/sync/source"
	"syncline/sync/source/database"
)

// filled makes a table of n rows of eight columns.
func (h house) filled(t testing.TB, n int) {
	t.Helper()
	h.exec(t, "CREATE TABLE things(id integer PRIMARY KEY, email varchar(60), first varchar(30), last varchar(30), city varchar(30), amount decimal(12,2), since date, changed "+
		map[string]string{database.Postgres: "timestamptz", database.MySQL: "timestamp(6)", database.SQLite: "datetime"}[h.kind]+")")
	cells := map[string]string{
		database.Postgres: "i, 'person' || i || '@example.com', 'First' || i % 1000, 'Last' || i % 5000, 'City ' || i % 300, i / 7.0, date '2020-01-01' + i % 1000, timestamptz '2026-01-01 00:00:00.123456+00' + i * interval '1 second'",
		database.MySQL:    "seq, concat('person', seq, '@example.com'), concat('First', seq % 1000), concat('Last', seq % 5000), concat('City ', seq % 300), seq / 7.0, date_add('2020-01-01', interval seq % 1000 day), date_add('2026-01-01 00:00:00.123456', interval seq second)",
		database.SQLite:   "i, 'person' || i || '@example.com', 'First' || i % 1000, 'Last' || i % 5000, 'City ' || i % 300, round(i / 7.0, 2), date('2020-01-01', (i % 1000) || ' days'), datetime('2026-01-01', i || ' seconds')",
	}[h.kind]
	switch h.kind {
	case database.Postgres:
		h.exec(t, fmt.Sprintf("INSERT INTO things SELECT %s FROM generate_series(1, %d) i", cells, n), "ANALYZE things")
	case database.MySQL:
		h.exec(t, fmt.Sprintf("INSERT INTO things SELECT %s FROM seq_1_to_%d", cells, n))
	default:
		h.exec(t, fmt.Sprintf("WITH RECURSIVE s(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM s WHERE i < %d) INSERT INTO things SELECT %s FROM s", n, cells))
	}
}

// BenchmarkReading reads a million rows of eight columns in one snapshot.
func BenchmarkReading(b *testing.B) {
	n := 1_000_000
	if few := os.Getenv("SYNCLINE_BENCH_ROWS"); few != "" {
		n, _ = strconv.Atoi(few)
	}
	for _, kind := range kinds {
		b.Run(kind, func(b *testing.B) {
			h := newHouse(b, kind)
			h.filled(b, n)
			s := h.open(b, "things", "id")
			for b.Loop() {
				got := 0
				for _, err := range s.Rows(b.Context(), noTime) {
					if err != nil {
						b.Fatal(err)
					}
					got++
				}
				if got != n {
					b.Fatalf("%d rows", got)
				}
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*n)/1000, "µs/row")
			b.ReportMetric(peak(b), "MB-peak")
		})
	}
}

// peak is the most memory that this process ever had, in megabytes.
func peak(b *testing.B) float64 {
	text, err := os.ReadFile("/proc/self/status")
	if err != nil { // other systems: what the runtime holds now
		sample := []metrics.Sample{{Name: "/memory/classes/total:bytes"}}
		metrics.Read(sample)
		return float64(sample[0].Value.Uint64()) / 1e6
	}
	for line := range strings.Lines(string(text)) {
		if rest, ok := strings.CutPrefix(line, "VmHWM:"); ok {
			kb, err := strconv.Atoi(strings.Fields(rest)[0])
			if err != nil {
				b.Fatal(err)
			}
			return float64(kb) / 1e3
		}
	}
	return 0
}

func TestAReadingThatIsGivenUpLeavesTheSourceUsable(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, h house) {
		const n = 20_000
		h.filled(t, n)
		s := h.open(t, "things", "id")
		for range 3 {
			got := 0
			for _, err := range s.Rows(t.Context(), noTime) {
				if err != nil {
					t.Fatal(err)
				}
				if got++; got == 10 {
					break
				}
			}
		}
		if all := rows(t, s); len(all) != n {
			t.Errorf("%d rows", len(all))
		}
	})
}

// BenchmarkWriting changes two cells of each of 10,000 rows, in batches.
func BenchmarkWriting(b *testing.B) {
	const n = 10_000
	for _, kind := range kinds {
		b.Run(kind, func(b *testing.B) {
			h := newHouse(b, kind)
			h.filled(b, n)
			s := h.open(b, "things", "id")
			for round := 0; b.Loop(); round++ {
				all := rows(b, s)
				var changes []source.Change
				for key, row := range all {
					changes = append(changes, update(key, record.Values{"first": row["first"], "city": row["city"]}, texts("first", fmt.Sprint("F", round), "city", fmt.Sprint("C", round))))
				}
				for some := range slices.Chunk(changes, s.Batch()) {
					for _, o := range write(b, s, some...) {
						if o.State != source.Done {
							b.Fatal(o.State, o.Err)
						}
					}
				}
			}
			b.ReportMetric(float64(b.Elapsed().Microseconds())/float64(b.N*n), "µs/row")
		})
	}
}
