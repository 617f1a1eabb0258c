package transform

import (
	"strings"
	"sync"
	"unicode"
	"unicode/utf8"

	"github.com/biter777/countries"
	"golang.org/x/text/language"
	"golang.org/x/text/language/display"
	"golang.org/x/text/runes"
	xtransform "golang.org/x/text/transform"
	"golang.org/x/text/unicode/norm"
)

// placeKey is a place's name without case, accents and punctuation, so that
// Côte d'Ivoire and COTE D IVOIRE meet.
func placeKey(s string) string {
	if key, ok := asciiKey(s); ok {
		return key
	}
	plain, _, err := xtransform.String(xtransform.Chain(norm.NFD, runes.Remove(runes.In(unicode.Mn)), norm.NFC), s)
	if err != nil {
		plain = s
	}
	return strings.Map(func(r rune) rune {
		if unicode.IsLetter(r) || unicode.IsDigit(r) {
			return unicode.ToLower(r)
		}
		return -1
	}, plain)
}

// asciiKey is the key of a text without accents, which most are.
func asciiKey(s string) (string, bool) {
	b := make([]byte, 0, len(s))
	for i := range len(s) {
		switch c := s[i]; {
		case c >= utf8.RuneSelf:
			return "", false
		case c >= 'a' && c <= 'z' || c >= '0' && c <= '9':
			b = append(b, c)
		case c >= 'A' && c <= 'Z':
			b = append(b, c|0x20)
		}
	}
	return string(b), true
}

// countryNames are the languages in which country names are understood, with
// the name lists of Unicode CLDR.
var countryNames = []*display.Dictionary{
	display.English, display.German, display.French, display.Spanish, display.Italian, display.Dutch,
	display.Portuguese, display.Polish, display.Swedish, display.Danish, display.Norwegian, display.Finnish,
	display.Czech, display.Turkish, display.Hungarian, display.Romanian,
}

// countryAliases are usual names that neither CLDR nor the ISO list has.
var countryAliases = map[string]string{
	"uk": "GB", "el": "GR", "greatbritain": "GB", "thenetherlands": "NL", "america": "US", "usofa": "US",
	"unitedstatesofamerica": "US", "theunitedstates": "US", "theunitedkingdom": "GB", "turkiye": "TR",
	"czechrepublic": "CZ", "burma": "MM", "macedonia": "MK", "swaziland": "SZ", "holland": "NL",
	"bundesrepublikdeutschland": "DE", "brd": "DE", "vaticancity": "VA", "palestine": "PS", "eire": "IE",
	"republicofireland": "IE", "capeverde": "CV", "easttimor": "TL",
}

// twoKoreas are the names of Korea without its half, in the languages of
// countryNames.
var twoKoreas = map[string]bool{"korea": true, "corea": true, "coree": true, "coreia": true, "coreea": true, "kore": true, "koreja": true}

// shortNames are the English names that are usual in address lists, where
// CLDR's are made for maps.
var shortNames = map[string]string{
	"HK": "Hong Kong", "MO": "Macao", "MM": "Myanmar", "CG": "Congo", "CD": "Democratic Republic of the Congo",
	"PS": "Palestine", "CZ": "Czechia", "SZ": "Eswatini", "MK": "North Macedonia", "CI": "Côte d'Ivoire", "TR": "Turkey",
	"VA": "Vatican City", "VC": "Saint Vincent and the Grenadines", "GS": "South Georgia and the South Sandwich Islands",
}

// gone are codes of countries that no longer exist, which the list keeps.
var gone = map[string]bool{"AN": true, "YU": true}

// countryIndex has all names that are understood by their key, and the
// countries by alpha-2 code.
var countryIndex = sync.OnceValue(func() (index struct {
	names map[string]countries.CountryCode
	codes map[string]countries.CountryCode
}) {
	index.names = make(map[string]countries.CountryCode)
	index.codes = make(map[string]countries.CountryCode)
	for _, c := range countries.All() {
		if code := c.Alpha2(); len(code) == 2 && !gone[code] {
			index.codes[code] = c
			index.names[strings.ToLower(code)] = c
			index.names[strings.ToLower(c.Alpha3())] = c
		}
	}
	for alias, code := range countryAliases {
		index.names[alias] = index.codes[code]
	}
	for _, c := range index.codes {
		index.names[placeKey(countryName(c))] = c
	}
	// Codes and earlier languages win where a name means two countries.
	for _, names := range countryNames {
		regions := names.Regions()
		for code, c := range index.codes {
			region, err := language.ParseRegion(code)
			if err != nil {
				continue
			}
			key := placeKey(regions.Name(region))
			if _, taken := index.names[key]; !taken && key != "" {
				index.names[key] = c
			}
		}
	}
	return index
})

// findCountry understands a name or a code. Two letters are an ISO code (or UK
// or EL) and nothing else: sports and licence-plate codes contradict them.
func findCountry(s string) (countries.CountryCode, bool) {
	key := placeKey(s)
	if c, ok := countryIndex().names[key]; ok {
		return c, true
	}
	if len(key) <= 2 {
		return 0, false
	}
	c := countries.ByName(s)
	if known, ok := countryIndex().codes[c.Alpha2()]; ok && known == c {
		return c, true
	}
	return 0, false
}

// countryName returns the usual English name.
func countryName(c countries.CountryCode) string {
	code := c.Alpha2()
	if name, ok := shortNames[code]; ok {
		return name
	}
	region, err := language.ParseRegion(code)
	if err != nil {
		return c.String()
	}
	name := display.English.Regions().Name(region)
	if name == "" {
		return c.String()
	}
	name = strings.ReplaceAll(name, " & ", " and ")
	return strings.Replace(name, "St. ", "Saint ", 1)
}
