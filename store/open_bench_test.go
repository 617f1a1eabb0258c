package store

import (
	"os"
	"strconv"
	"testing"
	"time"
)

// BenchmarkOpen opens and closes a workspace with a million links, their bases
// and what was seen of both sides; SYNCLINE_BENCH_LINKS tells another number. It
// fails where opening takes two seconds or closing one.
func BenchmarkOpen(b *testing.B) {
	n := 1_000_000
	if asked, err := strconv.Atoi(os.Getenv("SYNCLINE_BENCH_LINKS")); err == nil && asked > 0 {
		n = asked
	}
	dir, ctx := b.TempDir(), b.Context()
	s, err := Open(ctx, dir)
	if err != nil {
		b.Fatal(err)
	}
	const numbers = `WITH RECURSIVE k(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM k WHERE i < ?1) `
	const hash = `unhex(printf('%032x', i))`
	const vals = `'1["City 1","Firm 1","customer' || i || '@firm1.com","Given1","Engineer","Family1","+49300000001","00001"]'`
	for _, q := range []string{
		`INSERT INTO sync(id, ident, name, path, definition, portal_id, object, created_at) SELECT 1, 'i', 'n', 'p', 'd', 1, '0-1', ?1`,
		`INSERT INTO form(id, text) SELECT 1, '["city","company","email","firstname","jobtitle","lastname","phone","zip"]' WHERE ?1 > 0`,
		numbers + `INSERT INTO link(id, sync_id, row_key, record_id, sync_key, state) SELECT i, 1, i, 10000000 + i, 'key-' || i, 'active' FROM k`,
		numbers + `INSERT INTO base(link_id, src_hash, rem_hash, src, rem) SELECT i, ` + hash + `, ` + hash + `, ` + vals + `, ` + vals + ` FROM k`,
		numbers + `INSERT INTO row_seen(sync_id, key, hash, raw_hash, pull, line, vals, raw) SELECT 1, i, ` + hash + `, ` + hash + `, 1, i, ` + vals + `, '1[1,2,3,4,5,6,7,8]' FROM k`,
		numbers + `INSERT INTO record_seen(sync_id, id, hash, pull, updated, read_at, vals) SELECT 1, 10000000 + i, ` + hash + `, 1, i, i, ` + vals + ` FROM k`,
	} {
		if err := s.exec(ctx, q, n); err != nil {
			b.Fatal(err)
		}
	}
	if err := s.Close(); err != nil {
		b.Fatal(err)
	}
	for _, c := range []struct {
		name  string
		clean string
	}{{"closed-in-order", "1"}, {"killed", "0"}} {
		b.Run(c.name, func(b *testing.B) {
			var opening, closing time.Duration
			for b.Loop() {
				db, err := Open(ctx, dir)
				if err != nil {
					b.Fatal(err)
				}
				// What a killed program leaves: the mark that it is at work.
				if err := db.exec(ctx, `UPDATE meta SET value = ? WHERE key = 'clean'`, c.clean); err != nil {
					b.Fatal(err)
				}
				db.read.Close()
				db.lookup.Close()
				if err := db.write.Close(); err != nil {
					b.Fatal(err)
				}
				if err := db.shared.Unlock(); err != nil {
					b.Fatal(err)
				}
				began := time.Now()
				if db, err = Open(ctx, dir); err != nil {
					b.Fatal(err)
				}
				opening += time.Since(began)
				tally, err := db.Tally(ctx, 1)
				if err != nil || tally.Links != n {
					b.Fatalf("%+v, %v", tally, err)
				}
				began = time.Now()
				if err := db.Close(); err != nil {
					b.Fatal(err)
				}
				closing += time.Since(began)
			}
			opened, closed := opening/time.Duration(b.N), closing/time.Duration(b.N)
			b.ReportMetric(float64(opened.Milliseconds()), "ms-open")
			b.ReportMetric(float64(closed.Milliseconds()), "ms-close")
			b.ReportMetric(0, "ns/op")
			if limit := 2 * time.Second; c.clean == "1" && opened > limit {
				b.Errorf("opening took %s, more than %s", opened, limit)
			}
			if limit := 3 * time.Second; opened > limit {
				b.Errorf("opening after a kill took %s, more than %s", opened, limit)
			}
			if closed > time.Second {
				b.Errorf("closing took %s, more than a second", closed)
			}
		})
	}
}
