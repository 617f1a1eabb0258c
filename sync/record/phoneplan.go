package record

import (
	"regexp"
	"regexp/syntax"
	"strconv"
	"strings"
	"sync"

	"github.com/nyaruka/phonenumbers"
	"google.golang.org/protobuf/proto"
)

// numberPlan is what the shortcuts below need to know of a country's numbers.
// The parser has the whole of it; it costs ten times as much.
type numberPlan struct {
	code          int
	international *regexp.Regexp // what dials out of the country; nil where there is none
	trunk         string         // what precedes a number inside the country, where that is fixed digits
	trunkFirst    [10]bool       // with which digits something may begin that the parser takes off the front
	numberFirst   [10]bool       // with which digits a number may begin
}

// plans are the number plans of the countries by region, and by calling code
// of the one that the parser takes for the code. A country whose patterns are
// not understood is left out.
var plans = sync.OnceValue(func() (all struct {
	byRegion map[string]numberPlan
	byCode   map[int]numberPlan
}) {
	all.byRegion, all.byCode = make(map[string]numberPlan), make(map[int]numberPlan)
	collection, err := phonenumbers.MetadataCollection()
	if err != nil {
		return all // then the parser alone does it, slower
	}
	for _, m := range collection.GetMetadata() {
		region := m.GetId()
		if main := phonenumbers.GetRegionCodeForCountryCode(int(m.GetCountryCode())); main != region && region != "CA" {
			continue
		}
		plan, ok := newNumberPlan(m)
		if !ok {
			continue
		}
		all.byRegion[region] = plan
		if region != "CA" {
			all.byCode[plan.code] = plan
		}
	}
	return all
})

func newNumberPlan(m *phonenumbers.PhoneMetadata) (numberPlan, bool) {
	p := numberPlan{code: int(m.GetCountryCode())}
	var ok bool
	if p.trunkFirst, ok = firstDigits(m.GetNationalPrefixForParsing()); !ok {
		return p, false
	}
	if p.numberFirst, ok = firstDigits(m.GetGeneralDesc().GetNationalNumberPattern()); !ok {
		return p, false
	}
	if t := m.GetNationalPrefixForParsing(); allDigits(t) {
		p.trunk = t
	}
	if idd := m.GetInternationalPrefix(); idd != "" {
		compiled, err := regexp.Compile("^(?:" + idd + ")")
		if err != nil {
			return p, false
		}
		p.international = compiled
	}
	return p, true
}

// possibleE164 answers without the parser whether a text such as +493012345678
// is a possible number that parses to itself. sure is false where only the
// parser can tell: an unknown country code, or a number that begins as the
// country's trunk prefix may.
func possibleE164(s string) (possible, sure bool) {
	if len(s) < 8 || len(s) > 16 || s[0] != '+' || !allDigits(s[1:]) {
		return false, false
	}
	for n := 1; n <= 3; n++ { // no calling code is the beginning of another
		code, _ := strconv.Atoi(s[1 : 1+n])
		plan, ok := plans().byCode[code]
		if !ok {
			continue
		}
		national := s[1+n:]
		if national[0] == '0' || plan.trunkFirst[national[0]-'0'] {
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

// nationalE164 turns the digits of a number as they are dialled inside the
// region into E.164, in the plain cases: with the fixed trunk prefix (030… in
// Germany) or where there is none to take off. ok is false where only the
// parser can tell.
func nationalE164(s, region string) (string, bool) {
	plan, known := plans().byRegion[region]
	if !known || s == "" || !allDigits(s) {
		return "", false
	}
	code := strconv.Itoa(plan.code)
	if strings.HasPrefix(s, code) || plan.international != nil && plan.international.MatchString(s) {
		return "", false
	}
	switch first := s[0] - '0'; {
	case plan.trunk != "" && strings.HasPrefix(s, plan.trunk):
		if plan.numberFirst[first] {
			return "", false // the prefix may be part of the number
		}
		s = s[len(plan.trunk):]
	case plan.trunkFirst[first]:
		return "", false
	}
	s = "+" + code + s
	possible, sure := possibleE164(s)
	return s, possible && sure
}

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
