package duplicates_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"syncline/sync/duplicates"
)

// entry reads "name|email|phone|domain".
func entry(side duplicates.Side, id, text string, keys ...string) duplicates.Entry {
	e := duplicates.Entry{Side: side, ID: id, Keys: keys}
	for i, v := range strings.Split(text, "|") {
		if v != "" {
			e.Traits = append(e.Traits, duplicates.Trait{Kind: duplicates.Kind(i), Text: v})
		}
	}
	return e
}

// crowd are people who have nothing to do with each other, so that what is rare is rare.
func crowd(n int) []duplicates.Entry {
	r := rand.New(rand.NewPCG(1, 2))
	var all []duplicates.Entry
	for i := range n {
		first, last := firsts[zipf(r, len(firsts))], made(r)
		all = append(all, entry(duplicates.Record, fmt.Sprint("c", i), fmt.Sprintf("%s %s|%s.%s%d@%s.example|+43 1 %07d|", first, last, first, last, i, made(r), r.IntN(1e7))))
	}
	return all
}

var firsts = strings.Fields("Anna Maria Peter Paul Julia Thomas Lukas Eva Jonas Sarah Michael Laura David Nina Simon Lena Felix Clara Martin Sophie John Mary James Linda Robert Susan Carlos Elena Pierre Camille")

var syllables = strings.Fields("ba ber bin dor den fal fen gar gil hol hen kar kel lan lem mar mil nor nes pol per ras rin sal sen tor tan ul van ver wal win zor zel schu stein mann berg hof")

func made(r *rand.Rand) string {
	s := ""
	for range 2 + r.IntN(2) {
		s += syllables[zipf(r, len(syllables))]
	}
	return strings.ToUpper(s[:1]) + s[1:]
}

func zipf(r *rand.Rand, n int) int { return int(float64(n) * r.Float64() * r.Float64()) }

// find finds pairs of the two last entries behind a crowd.
func find(t *testing.T, a, b duplicates.Entry) (duplicates.Pair, bool) {
	t.Helper()
	all := append(crowd(3000), a, b)
	found, err := duplicates.Find(t.Context(), all, duplicates.Options{})
	if err != nil {
		t.Fatal(err)
	}
	i := slices.IndexFunc(found.Pairs, func(p duplicates.Pair) bool { return p.A == 3000 && p.B == 3001 })
	if i < 0 {
		return duplicates.Pair{}, false
	}
	return found.Pairs[i], true
}

// What people would call the same is told, however it is written, and what only looks alike is not.
func TestWhatIsLikelyTheSameIsTold(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		a, b string
		same bool
	}{
		{"Xiomara Devereaux|xiomara@quill.example||", "Devereaux, Xiomara|XIOMARA@quill.example||", true},
		{"Jürgen Müßig||0043 664 1234567|", "Juergen Muessig||+43 (664) 123-4567|", true},
		{"Zoë Strößner||0664 1234567|", "Zoe Strossner||+43 (664) 123-4567|", true},
		{"Aurel Dimov|a.dimov@mirrel.example||", "Aurell Dimov|a.dimov@mirel.example||", true},
		{"Bram Castellan|||mirrel.example", "Castellan Bram GmbH|||https://www.mirrel.example/imprint", true},
		{"Tolvane Logistics GmbH|||tolvane.example", "Tolvane Logistics|||tolvane.example", true},
		{"Petra Quist|office@pellworth.example||", "Ole Varnholt|office@pellworth.example||", false},
		{"Anna Steinberg|anna@one.example|01 999 8888|", "Anna Steinberg|anna.st@two.example|01 222 3333|", false},
		{"Anna Steinberg|anna.steinberg@one.example|01 999 8888|", "Anna Steinberg|anna.steinberg@two.example|01 222 3333|", false},
		{"John Salmann||01 5550001|", "Mary Salmann||01 5550001|", false},
		{"Pellworth Dairies|||gmail.com", "Quillhaven Press|||gmail.com", false},
	} {
		p, told := find(t, entry(duplicates.Row, "a", tt.a), entry(duplicates.Record, "b", tt.b))
		if told != tt.same {
			t.Errorf("%s / %s: told %v (%.2f %+v), want %v", tt.a, tt.b, told, p.Score, p.Reasons, tt.same)
		}
		if back, again := find(t, entry(duplicates.Record, "b", tt.b), entry(duplicates.Row, "a", tt.a)); again != told || told && back.Score != p.Score {
			t.Errorf("%s / %s: another answer the other way round", tt.a, tt.b)
		}
	}
}

// Two that share a match key are always told, with the key, even where all else speaks against it:
// that is what a load would join.
func TestASharedMatchKeyIsAlwaysTold(t *testing.T) {
	t.Parallel()
	p, told := find(t, entry(duplicates.Row, "a", "Petra Quist||01 5550001|", "", "C-17"), entry(duplicates.Record, "b", "Ole Varnholt||01 5550002|", "x", "C-17"))
	if !told || p.Reasons[0].Key != 1 || p.Score > 0.5 {
		t.Errorf("told %v %.2f %+v", told, p.Score, p.Reasons)
	}
}

// A value that a whole crowd has is counted and not looked at, and pairs that were decided or are of
// one side only can be left out.
func TestCrowdsAndKnownPairsAreLeftOut(t *testing.T) {
	t.Parallel()
	var all []duplicates.Entry
	for i := range 500 {
		all = append(all, entry(duplicates.Row, fmt.Sprint(i), "|info@same.example||"))
	}
	found, err := duplicates.Find(t.Context(), all, duplicates.Options{})
	if err != nil || len(found.Pairs) != 0 || found.Crowds == 0 {
		t.Errorf("%d pairs of a crowd, %d crowds, %v", len(found.Pairs), found.Crowds, err)
	}
	all = append(crowd(1000), entry(duplicates.Row, "a", "Xiomara Devereaux|x@q.example||"), entry(duplicates.Row, "b", "Xiomara Devereaux|x@q.example||"))
	for _, o := range []duplicates.Options{{Between: true}, {Known: func(a, b duplicates.Entry) bool { return a.ID == "a" && b.ID == "b" }}, {Threshold: 1}} {
		found, err := duplicates.Find(t.Context(), all, o)
		if err != nil || slices.ContainsFunc(found.Pairs, func(p duplicates.Pair) bool { return p.A == 1000 }) {
			t.Errorf("%+v tells the pair: %v", o, err)
		}
	}
	found, err = duplicates.Find(t.Context(), append(all, all[1000:]...), duplicates.Options{Most: 2})
	if err != nil || len(found.Pairs) != 2 || found.Left == 0 {
		t.Errorf("at most two: %d, %d left, %v", len(found.Pairs), found.Left, err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := duplicates.Find(ctx, all, duplicates.Options{}); !errors.Is(err, context.Canceled) {
		t.Errorf("stopped: %v", err)
	}
}

// BenchmarkFind looks through a hundred thousand rows and as many records, of whom a tenth are the
// same with a misspelt name or another notation of the number.
func BenchmarkFind(b *testing.B) {
	r := rand.New(rand.NewPCG(3, 4))
	var all []duplicates.Entry
	for i := range 100_000 {
		first, last, phone, firm := firsts[zipf(r, len(firsts))], made(r)+strings.ToLower(made(r)), r.IntN(1e7), made(r)+made(r)
		all = append(all, entry(duplicates.Record, fmt.Sprint("c", i), fmt.Sprintf("%s %s|%s.%s@%s.example|+43 1 %07d|", first, last, first, last, firm, phone)))
		if i%10 == 0 {
			all = append(all, entry(duplicates.Row, fmt.Sprint("r", i), fmt.Sprintf("%s %s|%s@private.example|01/%07d|", last[:len(last)-1], first, last, phone)))
			continue
		}
		all = append(all, entry(duplicates.Row, fmt.Sprint("r", i), fmt.Sprintf("%s %s|%s@%s.example|01/%07d|", firsts[zipf(r, len(firsts))], made(r)+strings.ToLower(made(r)), made(r), made(r), r.IntN(1e7))))
	}
	for b.Loop() {
		var before, after runtime.MemStats
		runtime.GC()
		runtime.ReadMemStats(&before)
		began := time.Now()
		found, err := duplicates.Find(context.Background(), all, duplicates.Options{Between: true})
		if err != nil {
			b.Fatal(err)
		}
		took := time.Since(began)
		runtime.ReadMemStats(&after)
		right := 0
		for _, p := range found.Pairs {
			if all[p.A].ID[1:] == all[p.B].ID[1:] {
				right++
			}
		}
		b.ReportMetric(took.Seconds(), "s")
		b.ReportMetric(float64(after.Sys)/1e6, "MB-of-the-process")
		b.ReportMetric(float64(right)/10_000, "recall")
		b.ReportMetric(float64(right)/float64(max(len(found.Pairs), 1)), "precision")
	}
}
