package record

import (
	"regexp/syntax"
	"strconv"
	"sync"

	"github.com/nyaruka/phonenumbers"
	"google.golang.org/protobuf/proto"
)

// possibleE164 answers without the parser, which costs ten times as much,
// whether a text such as +493012345678 is a possible number that parses to
// itself. sure is false where only the parser can tell: an unknown country
// code, or a number that begins as the country's trunk prefix may.
func possibleE164(s string) (possible, sure bool) {
	if len(s) < 8 || len(s) > 16 || s[0] != '+' || !allDigits(s[1:]) {
		return false, false
	}
	trunk := trunkDigits()
	for n := 1; n <= 3; n++ { // no calling code is the beginning of another
		code, _ := strconv.Atoi(s[1 : 1+n])
		prefixes, ok := trunk[code]
		if !ok {
			continue
		}
		national := s[1+n:]
		if national[0] == '0' || prefixes[national[0]-'0'] {
			return false, false
		}
		value, err := strconv.ParseUint(national, 10, 64)
		if err != nil {
			return false, false
		}
		number := phonenumbers.PhoneNumber{CountryCode: proto.Int32(int32(code)), NationalNumber: proto.Uint64(value)}
		return phonenumbers.IsPossibleNumberWithReason(&number) == phonenumbers.IS_POSSIBLE, true
	}
	return false, false
}

// trunkDigits tells by calling code with which digits something may begin that
// the parser takes off the front of a national number. A code whose rule it
// cannot read is left out.
var trunkDigits = sync.OnceValue(func() map[int][10]bool {
	digits := make(map[int][10]bool)
	plans, err := phonenumbers.MetadataCollection()
	if err != nil {
		return digits // the parser alone does it, slower
	}
	unreadable := make(map[int]bool)
	for _, p := range plans.GetMetadata() {
		code := int(p.GetCountryCode())
		first, ok := firstDigits(p.GetNationalPrefixForParsing())
		if !ok {
			unreadable[code] = true
		}
		union := digits[code]
		for d := range union {
			union[d] = union[d] || first[d]
		}
		digits[code] = union
	}
	for code := range unreadable {
		delete(digits, code)
	}
	return digits
})

// firstDigits returns the digits with which a match of the pattern may begin;
// ok is false where the pattern is not understood or also matches nothing.
func firstDigits(pattern string) (first [10]bool, ok bool) {
	if pattern == "" {
		return first, true
	}
	parsed, err := syntax.Parse(pattern, syntax.Perl)
	if err != nil {
		return first, false
	}
	program, err := syntax.Compile(parsed.Simplify())
	if err != nil {
		return first, false
	}
	seen := make([]bool, len(program.Inst))
	var walk func(pc uint32) bool
	walk = func(pc uint32) bool {
		if seen[pc] {
			return true
		}
		seen[pc] = true
		inst := &program.Inst[pc]
		switch inst.Op {
		case syntax.InstAlt, syntax.InstAltMatch:
			return walk(inst.Out) && walk(inst.Arg)
		case syntax.InstCapture, syntax.InstNop:
			return walk(inst.Out)
		case syntax.InstRune, syntax.InstRune1, syntax.InstRuneAny, syntax.InstRuneAnyNotNL:
			for d := range first {
				first[d] = first[d] || inst.MatchRune('0'+rune(d))
			}
			return true
		case syntax.InstFail:
			return true
		}
		return false // a match of nothing, or an assertion
	}
	ok = walk(uint32(program.Start))
	return first, ok
}
