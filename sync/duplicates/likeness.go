package duplicates

import (
	"cmp"
	"math"
	"slices"
	"strings"
)

// What it says when two entries have something of a kind and do not agree in it, in bits. A person
// has several addresses and numbers, and a name is spelt in many ways; two different names say most.
var against = [kinds]float64{Name: 7, Email: 2.5, Phone: 2, Domain: 1.5, Address: 2.5, Place: 3}

// mostBits bounds what one kind can say: a value that only two have may still be a receptionist's.
var mostBits = [kinds]float64{Name: 15, Email: 16, Phone: 11, Domain: 6, Address: 9, Place: 3}

// compare measures how likely two entries are the same.
func (b *book) compare(i, j int) (Pair, float64) {
	p := Pair{A: i, B: j}
	x, y := b.entries[i], b.entries[j]
	bits := -b.doubt()
	for k := range min(len(x.Keys), len(y.Keys)) {
		if x.Keys[k] != "" && x.Keys[k] == y.Keys[k] {
			p.Reasons = append(p.Reasons, Reason{Key: k, A: x.Keys[k], B: y.Keys[k], Bits: 12})
			bits += 12
		}
	}
	named := 0.0 // what the names say
	for kind := range kinds {
		r, ok := b.best(kind, b.forms[i], b.forms[j])
		if !ok {
			continue
		}
		if kind == Email && named > 0 && r.Level == Alike && r.Bits == sameMailbox {
			// lena.fischer@ at two firms says no more than that both are called Lena Fischer.
			r.Level, r.Bits = Unlike, -2
		}
		bits += r.Bits
		if kind == Name {
			named = r.Bits
		}
		// The domain of two addresses is said by the addresses.
		if r.Bits != 0 {
			p.Reasons = append(p.Reasons, r)
		}
	}
	// What is shared by people of one house, its number, its domain and its address, does not make two names one.
	if named <= -against[Name]+0.01 {
		bits = min(bits, -1)
	}
	slices.SortStableFunc(p.Reasons, func(r, s Reason) int { return cmp.Compare(s.Bits, r.Bits) })
	p.Score = score(bits)
	return p, bits
}

// doubt is the evidence that it takes before two entries are as likely the same as not: among many,
// two that have something in common by chance are many too.
func (b *book) doubt() float64 { return min(math.Log2(b.n), 15) - 1 }

// best compares the traits of a kind and returns what the closest two say; false where one entry has
// none.
func (b *book) best(kind Kind, x, y []form) (Reason, bool) {
	var best Reason
	any := false
	for _, f := range x {
		if f.kind != kind {
			continue
		}
		for _, g := range y {
			if g.kind != kind {
				continue
			}
			if r := b.likeness(f, g); !any || r.Bits > best.Bits {
				best, any = r, true
			}
		}
	}
	return best, any
}

func (b *book) likeness(f, g form) Reason {
	r := Reason{Key: -1, Kind: f.kind, A: f.text, B: g.text, Level: Unlike, Bits: -against[f.kind]}
	most := mostBits[f.kind]
	if f.text == g.text && len(f.words) == 0 {
		r.Level, r.Bits = Equal, min(b.rare(f.hash()), most)
		if f.free {
			r.Bits = 0
		}
		return r
	}
	switch f.kind {
	case Email:
		b.emails(f, g, &r)
	case Name, Address:
		b.texts(f, g, &r)
	case Phone:
		// A number that was typed wrong in one place, or whose area was left out.
		short := min(len(f.text), len(g.text))
		if f.text[len(f.text)-short:] == g.text[len(g.text)-short:] {
			r.Level, r.Bits = Equal, min(b.rare(f.hash()), most)
		}
	case Domain:
		if trunk(f.text) == trunk(g.text) && len(trunk(f.text)) > 3 {
			r.Level, r.Bits = Alike, 3
		}
	case Place, kinds:
	}
	return r
}

// trunk is a domain without its last part.
func trunk(domain string) string {
	if i := strings.LastIndexByte(domain, '.'); i > 0 {
		return domain[:i]
	}
	return domain
}

// emails finds addresses that are nearly the same: a mistyped domain, or the same mailbox name with
// another provider.
func (b *book) emails(f, g form, r *Reason) {
	l1, d1, _ := emailParts(f.text)
	l2, d2, _ := emailParts(g.text)
	switch {
	case l1 == l2 && jaro(d1, d2) > 0.93, d1 == d2 && jaro(l1, l2) > 0.95 && len(l1) > 5:
		r.Level, r.Bits = Alike, 7
	case l1 == l2 && len(l1) > 5 && !mailbox[l1]:
		r.Level, r.Bits = Alike, sameMailbox
	}
}

// sameMailbox is what it says, in bits, that a mailbox has one name with two providers.
const sameMailbox = 4

// mailbox are the names of mailboxes that every organisation has.
var mailbox = wordSet("info contact office admin sales support hello mail team service kontakt buchhaltung accounting billing invoice rechnung webmaster noreply")

// closeWords is how alike two words must be to count as one that was misspelt.
const closeWords = 0.9

// parted is what it says against two names, in bits, that each has a word which the other lacks.
const parted = 3.5

// texts compares two texts word by word, in any order: each word that both have counts as much as it
// is rare, one that is nearly the same less, and what only one has counts against it.
func (b *book) texts(f, g form, r *Reason) {
	if len(f.words) == 0 || len(g.words) == 0 {
		return
	}
	var taken uint16
	shared, exact, alone := 0.0, true, false
	for i, w := range f.words {
		k := -1
		like := 0.0
		for j, v := range g.words {
			if taken&(1<<j) == 0 && w == v {
				k, like = j, 1
				break
			}
		}
		if k < 0 {
			exact = false
			for j, v := range g.words {
				if taken&(1<<j) != 0 {
					continue
				}
				s := wordLike(w, v, f.kind)
				if s > like {
					k, like = j, s
				}
			}
		}
		if k < 0 {
			alone = alone || len(w) > 2
			continue
		}
		taken |= 1 << k
		// The rarer of two that are nearly the same is likely the misspelt one.
		shared += like * like * min(f.bits[i], g.bits[k])
	}
	whole := max(min(f.total, g.total), 0.5)
	share := shared / max(f.total, g.total, 0.5)
	inner := shared / whole // how much of the shorter one is in the longer one
	most := mostBits[f.kind]
	switch {
	case exact && len(f.words) == len(g.words):
		r.Level, r.Bits = Equal, min(shared, most)
	case share > 0.7, inner > 0.85 && min(len(f.words), len(g.words)) > 1:
		r.Level, r.Bits = Alike, min(shared*max(share, 0.75*inner), most)
	case share > 0.45 || inner > 0.85:
		r.Level, r.Bits = Alike, min(shared*share, most)/2
	case share > 0.3:
		r.Bits = -against[f.kind] * 0.4
	}
	if alone && r.Bits > 0 && f.kind == Name {
		for j, v := range g.words {
			if taken&(1<<j) == 0 && len(v) > 2 { // each has a word that the other lacks: John and Mary of one name
				r.Bits = max(r.Bits-parted, -against[Name]*0.4)
				break
			}
		}
	}
	if f.kind == Address && numbersDiffer(f.words, g.words) {
		r.Level, r.Bits = Unlike, -against[Address]
	}
}

// numbersDiffer reports whether both addresses have a house number and they are not the same.
func numbersDiffer(a, b []string) bool {
	x, y := number(a), number(b)
	return x != "" && y != "" && x != y
}

func number(w []string) string {
	for _, s := range w {
		if s[0] >= '0' && s[0] <= '9' {
			return s
		}
	}
	return ""
}

// wordLike is how alike two different words are, 0 where they are not: misspelt, or one the initial
// of the other.
func wordLike(a, b string, kind Kind) float64 {
	if a[0] >= '0' && a[0] <= '9' || b[0] >= '0' && b[0] <= '9' {
		return 0
	}
	if kind == Name && (len(a) == 1 || len(b) == 1) {
		if a[0] == b[0] {
			return 0.6
		}
		return 0
	}
	if len(a) < 4 || len(b) < 4 {
		return 0
	}
	if strings.HasPrefix(a, b) || strings.HasPrefix(b, a) {
		return 0.85
	}
	if oneEdit(a, b) {
		return 0.93
	}
	if s := jaro(a, b); s >= closeWords {
		return s
	}
	return 0
}
