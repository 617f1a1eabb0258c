package duplicates

import (
	"cmp"
	"math"
	"slices"
	"strings"
)

// form is a trait in the form in which it is compared.
type form struct {
	kind  Kind
	text  string   // whole, folded
	words []string // of names and addresses
	bits  []float64
	total float64 // of bits
	free  bool    // of a domain: that of a provider of mailboxes
}

// book is the entries with what is counted of them.
type book struct {
	entries []Entry
	forms   [][]form
	counts  map[uint64]uint32 // of words and whole values, by kind
	n       float64
}

// providers of mailboxes: to share one says nothing.
var providers = wordSet("gmail.com googlemail.com yahoo.com yahoo.de yahoo.fr hotmail.com outlook.com live.com icloud.com me.com aol.com gmx.de gmx.net gmx.at web.de t-online.de proton.me protonmail.com mail.com free.fr orange.fr wanadoo.fr libero.it comcast.net msn.com uol.com.br terra.com.br bol.com.br")

// fewest is how many entries are assumed where there are fewer: of a dozen everything is rare, and yet
// there are more people of a name in the world.
const fewest = 4096

func newBook(entries []Entry) *book {
	b := &book{entries: entries, forms: make([][]form, len(entries)), counts: make(map[uint64]uint32), n: float64(max(len(entries), fewest))}
	for i, e := range entries {
		b.forms[i] = formsOf(e)
		for _, f := range b.forms[i] {
			b.counts[f.hash()]++
			for _, w := range f.words {
				b.counts[wordHash(f.kind, w)]++
			}
		}
	}
	for i := range b.forms {
		for k := range b.forms[i] {
			f := &b.forms[i][k]
			f.bits = make([]float64, len(f.words))
			for j, w := range f.words {
				f.bits[j] = b.rare(wordHash(f.kind, w))
				f.total += f.bits[j]
			}
		}
	}
	return b
}

// rare is how much it says to share something: in bits, the fewer have it the more.
func (b *book) rare(h uint64) float64 {
	return max(0.3, math.Log2(b.n/float64(max(b.counts[h], 2)))) // of two that share it, two have it
}

func (f form) hash() uint64            { return hash(string(rune('A'+f.kind)), f.text) }
func wordHash(k Kind, w string) uint64 { return hash(string(rune('a'+k)), w) }
func formsOf(e Entry) []form {
	var all []form
	var names []string
	add := func(f form) {
		if f.text != "" && !slices.ContainsFunc(all, func(x form) bool { return x.kind == f.kind && x.text == f.text }) {
			all = append(all, f)
		}
	}
	for _, t := range e.Traits {
		switch t.Kind {
		case Name:
			names = append(names, t.Text)
		case Email:
			if local, domain, ok := emailParts(t.Text); ok {
				add(form{kind: Email, text: local + "@" + domain})
			}
		case Phone:
			add(form{kind: Phone, text: phoneDigits(t.Text)})
		case Domain:
			h := host(t.Text)
			if !strings.Contains(h, ".") {
				continue // "yes"
			}
			add(form{kind: Domain, text: h, free: providers[h]})
		case Address:
			w := addressWords(t.Text)
			add(form{kind: Address, text: joined(w), words: w})
		case Place:
			add(form{kind: Place, text: joined(words(t.Text))})
		}
	}
	for _, n := range names {
		w := nameWords(n)
		add(form{kind: Name, text: joined(w), words: w})
	}
	return all
}

func joined(w []string) string {
	if len(w) == 1 {
		return w[0]
	}
	n := 0
	for _, x := range w {
		n += len(x) + 1
	}
	out := make([]byte, 0, n)
	for i, x := range w {
		if i > 0 {
			out = append(out, ' ')
		}
		out = append(out, x...)
	}
	return string(out)
}

// candidate is two places, the lower one first.
type candidate uint64

func (c candidate) pair() (a, b int) { return int(c >> 32), int(c & math.MaxUint32) }

// slot says that an entry has something; entries with equal hashes are a block.
type slot struct {
	hash  uint64
	entry uint32
	key   bool // a match key, whose blocks are never too large to be told
}

const (
	// mostBlock is how many entries may share something for each pair of them to be compared.
	mostBlock = 40
	// mostKeyBlock is the same for match keys: of a larger crowd each is compared with the first.
	mostKeyBlock = 200
)

// candidates are the pairs that are worth comparing: those that share a match key, a rare value, a
// rare word, or two words.
func (b *book) candidates(o Options) ([]candidate, Found) {
	slots := b.slots()
	slices.SortFunc(slots, func(x, y slot) int {
		return cmp.Or(cmp.Compare(x.hash, y.hash), cmp.Compare(x.entry, y.entry))
	})
	var found Found
	type block struct{ from, to int }
	var blocks []block
	for from := 0; from < len(slots); {
		to := from + 1
		for to < len(slots) && slots[to].hash == slots[from].hash {
			to++
		}
		if to-from > 1 {
			blocks = append(blocks, block{from, to})
		}
		from = to
	}
	// The smallest blocks say the most, and match keys come before all.
	slices.SortStableFunc(blocks, func(x, y block) int {
		if kx, ky := slots[x.from].key, slots[y.from].key; kx != ky {
			if kx {
				return -1
			}
			return 1
		}
		return cmp.Compare(x.to-x.from, y.to-y.from)
	})
	var all []candidate
	add := func(x, y slot) {
		if x.entry == y.entry || o.Between && b.entries[x.entry].Side == b.entries[y.entry].Side {
			return
		}
		all = append(all, candidate(min(x.entry, y.entry))<<32|candidate(max(x.entry, y.entry)))
	}
	for _, bl := range blocks {
		some := slots[bl.from:bl.to]
		most := mostBlock
		if some[0].key {
			most = mostKeyBlock
		}
		switch {
		case len(all) > 3*mostCandidates:
			found.Crowds++
		case len(some) <= most:
			for i := range some {
				for _, y := range some[i+1:] {
					add(some[i], y)
				}
			}
		case some[0].key:
			for _, y := range some[1:] {
				add(some[0], y)
			}
		default:
			found.Crowds++
		}
	}
	slices.Sort(all)
	all = slices.Compact(all)
	if len(all) > mostCandidates {
		found.Left += len(all) - mostCandidates
		all = all[:mostCandidates]
	}
	return all, found
}

func (b *book) slots() []slot {
	slots := make([]slot, 0, 6*len(b.entries))
	common := func(f form, w string) bool { return b.counts[wordHash(f.kind, w)] > mostBlock }
	for i, e := range b.entries {
		put := func(key bool, parts ...string) { slots = append(slots, slot{hash(parts...), uint32(i), key}) }
		for k, v := range e.Keys {
			if v != "" {
				put(true, "key", string(rune('0'+k)), v)
			}
		}
		for _, f := range b.forms[i] {
			switch f.kind {
			case Email, Phone:
				put(false, "whole", string(rune('0'+f.kind)), f.text)
				if local, _, ok := emailParts(f.text); ok && len(local) > 4 {
					put(false, "local", local)
				}
			case Domain:
				if !f.free {
					put(false, "whole", "domain", f.text)
				}
			case Name, Address:
				b.wordSlots(f, common, put)
			case Place:
			}
		}
	}
	return slots
}

// wordSlots put an entry into the blocks of its rare words, and of two of its common ones; words
// that are nearly the same meet by their skeletons.
func (b *book) wordSlots(f form, common func(form, string) bool, put func(key bool, parts ...string)) {
	kind := string(rune('0' + f.kind))
	var often []string
	for _, w := range f.words {
		s := skeleton(w)
		if common(f, w) || len(w) < 3 {
			often = append(often, s)
			continue
		}
		put(false, "word", kind, s)
		often = append(often, s)
	}
	if len(often) > 6 {
		often = often[:6]
	}
	for i, x := range often {
		for _, y := range often[i+1:] {
			if x > y {
				x, y = y, x
			}
			put(false, "two", kind, x, y)
		}
	}
}
