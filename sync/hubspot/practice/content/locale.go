package content

import "strings"

// locale is a country as the demo knows it. Lists are separated by spaces, or
// by | where an entry may hold spaces. A name in another script than Latin is
// written native=romanised; the romanised form goes into addresses.
type locale struct {
	country  string // as most people here type it
	spelled  string // other spellings that turn up, |
	language string // an option of hs_language
	currency string // ISO 4217
	tld      string
	mail     string // invented mail providers, the first one is the most used
	weight   int    // of a hundred or so
	women    string
	men      string
	family   string
	// cities are name:postal code:area code:state, |; # is a digit, @ a capital.
	cities string
	// phones, in the order of their use: {a} is the area code.
	phones    string
	mobile    string
	street    string // how a street and a number are written: {s} {n}
	names     string // of streets, |
	roots     string // first words of company names, |
	trades    string // second words, |, each with its industry after a colon
	legal     string // forms of companies, |
	family1st bool   // the family name is written first
}

type city struct{ name, zip, area, state string }

// place is a locale with its lists taken apart.
type place struct {
	locale
	women, men, family, roots               []name
	cities                                  []city
	phones, mobiles, streets, legals, mails []string
	spellings                               []string
	trades                                  []trade
}

// name is a word in its script and in Latin letters.
type name struct{ native, latin string }

type trade struct {
	name
	industry string // an option of companies' industry
}

func (l locale) open() *place {
	p := &place{locale: l,
		women: words(strings.Fields(l.women)), men: words(strings.Fields(l.men)), family: words(strings.Fields(l.family)),
		roots: words(list(l.roots)), phones: list(l.phones), mobiles: list(l.mobile), streets: list(l.names),
		legals: list(l.legal), mails: strings.Fields(l.mail), spellings: list(l.spelled)}
	for _, c := range list(l.cities) {
		f := strings.Split(c+":::", ":")
		p.cities = append(p.cities, city{f[0], f[1], f[2], f[3]})
	}
	for _, t := range list(l.trades) {
		w, industry, _ := strings.Cut(t, ":")
		p.trades = append(p.trades, trade{words([]string{w})[0], industry})
	}
	return p
}

func list(s string) []string {
	if s == "" {
		return nil
	}
	return strings.Split(s, "|")
}

func words(all []string) []name {
	out := make([]name, len(all))
	for i, w := range all {
		native, latin, ok := strings.Cut(strings.ReplaceAll(w, "_", " "), "=")
		if !ok {
			latin = native
		}
		out[i] = name{native, latin}
	}
	return out
}
