// Package duplicates finds what is likely the same twice: rows and records that share a match key,
// and such that are alike in name, e-mail address, phone number, domain or address. It is pure, and
// it decides nothing: a pair comes with its score and its reasons, and a person says what it is.
//
// How alike two entries are is measured as Fellegi and Sunter (1969) do: what two entries have in
// common counts the more the fewer others have it, so that a rare name says more than a common one,
// and a shared address of a whole office little. Nothing is trained and nothing is looked up.
//
// Pairs are looked for only among entries that share something rare (blocks), so that a hundred
// thousand rows and as many records take seconds, and memory that grows with the entries and not
// with their pairs.
package duplicates

import (
	"cmp"
	"context"
	"math"
	"slices"
)

// Side is where an entry is from.
type Side uint8

// The sides.
const (
	Row    Side = iota // of the source
	Record             // of the portal
)

// Kind is what a trait is, and so how two of it are compared.
type Kind uint8

// The kinds of traits.
const (
	Name    Kind = iota // of a person or an organisation: words in any order
	Email               // an address
	Phone               // a number, in any notation
	Domain              // an organisation's domain or website
	Address             // a street, or a whole address
	Place               // a postal code or city: says little by itself
	kinds
)

// Trait is something by which an entry is known.
type Trait struct {
	Kind Kind
	Text string // as it stands there
}

// Entry is a row or a record.
type Entry struct {
	Side   Side
	ID     string
	Keys   []string // its values of the match keys in their order, in canonical form; "" where it has none
	Traits []Trait
}

// Level is how far two entries agree in a trait.
type Level uint8

// The levels.
const (
	Equal Level = iota
	Alike
	Unlike
)

// Reason is why two entries may be the same, or may not.
type Reason struct {
	Key   int  // the match key that both share, from 0; -1 for likeness
	Kind  Kind // of likeness
	Level Level
	A, B  string // what the two have
	Bits  float64
}

// Pair is two entries that are likely the same, by their places among the entries.
type Pair struct {
	A, B    int
	Score   float64 // 0 to 1: how likely, as far as this can be told
	Reasons []Reason
}

// Found is what was found.
type Found struct {
	Pairs []Pair // the likeliest first
	// Crowds is how many values were shared by so many entries that their likeness was not looked
	// at: "info@example.com" of a thousand rows.
	Crowds int
	// Left is how many pairs were left out because there are too many.
	Left int
}

// Options bound the search; zero values are the usual ones.
type Options struct {
	Threshold float64 // the lowest score of a pair that is told; 0 = 0.5
	Most      int     // pairs that are told; 0 = 50,000
	// Between limits the pairs to those of a row and a record.
	Between bool
	// Known tells of pairs that need not be told again, by ids; nil knows none.
	Known func(a, b Entry) bool
	// Progress is told now and then how many candidates of how many were compared.
	Progress func(done, of int)
}

const (
	usualThreshold = 0.5
	usualMost      = 50_000
	// mostCandidates bounds the time: pairs that share the rarest things come first.
	mostCandidates = 4_000_000
	tick           = 1 << 14
)

// Find finds pairs among entries. It takes time, which ctx ends.
func Find(ctx context.Context, entries []Entry, o Options) (Found, error) {
	o.Threshold, o.Most = cmp.Or(o.Threshold, usualThreshold), cmp.Or(o.Most, usualMost)
	b := newBook(entries)
	candidates, found := b.candidates(o)
	for i, c := range candidates {
		if i%tick == 0 {
			if ctx.Err() != nil {
				return Found{}, ctx.Err()
			}
			if o.Progress != nil {
				o.Progress(i, len(candidates))
			}
		}
		a, z := c.pair()
		p, bits := b.compare(a, z)
		if !p.shares() && p.Score < o.Threshold || bits < 0 && !p.shares() {
			continue
		}
		if o.Known != nil && o.Known(entries[a], entries[z]) {
			continue
		}
		found.Pairs = append(found.Pairs, p)
		if len(found.Pairs) >= 2*o.Most {
			found.trim(o.Most)
		}
	}
	found.trim(o.Most)
	if o.Progress != nil {
		o.Progress(len(candidates), len(candidates))
	}
	return found, ctx.Err()
}

// shares reports whether the pair shares a match key: such a pair is always told.
func (p Pair) shares() bool {
	return slices.ContainsFunc(p.Reasons, func(r Reason) bool { return r.Key >= 0 })
}

func (f *Found) trim(most int) {
	slices.SortFunc(f.Pairs, func(a, b Pair) int {
		return cmp.Or(cmp.Compare(b.Score, a.Score), cmp.Compare(a.A, b.A), cmp.Compare(a.B, b.B))
	})
	if len(f.Pairs) > most {
		f.Left += len(f.Pairs) - most
		f.Pairs = slices.Clip(f.Pairs[:most])
	}
}

// score is a probability of bits of evidence.
func score(bits float64) float64 { return 1 / (1 + math.Exp2(-bits)) }
