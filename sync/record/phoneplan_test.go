package record

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/nyaruka/phonenumbers"
	"pgregory.net/rapid"
)

// TestShortcutAgreesWithTheParser compares possibleE164 with the parser in
// every country calling code.
func TestShortcutAgreesWithTheParser(t *testing.T) {
	t.Parallel()
	var codes []int
	for code := range phonenumbers.GetSupportedCallingCodes() {
		codes = append(codes, code)
	}
	sure := 0
	agree := func(t interface{ Fatalf(string, ...any) }, s string) {
		possible, known := possibleE164(s)
		if !known {
			return
		}
		sure++
		parsed, ok := parsePhone(s, "")
		if possible != (ok && parsed == s) {
			t.Fatalf("%s: the shortcut says %v, the parser %q, %v", s, possible, parsed, ok)
		}
	}
	for _, code := range codes {
		for lead := 0; lead < 100; lead += stride() {
			for length := 2; length <= 13; length++ {
				national := fmt.Sprintf("%02d57381940624", lead)
				agree(t, fmt.Sprintf("+%d%s", code, national[:length]))
			}
		}
	}
	rapid.Check(t, func(t *rapid.T) {
		code := rapid.SampledFrom(codes).Draw(t, "code")
		agree(t, fmt.Sprintf("+%d%s", code, rapid.StringMatching(`[0-9]{2,13}`).Draw(t, "national")))
	})
	if sure < 50_000/stride() {
		t.Errorf("the shortcut was sure only %d times", sure)
	}
}

// stride is how far apart the leading digits are that are tried: all of them,
// or every seventh where the tests shall be short, as under the race detector.
func stride() int {
	if testing.Short() {
		return 7
	}
	return 1
}

// TestNationalShortcutAgreesWithTheParser compares nationalE164 with the
// parser in every region.
func TestNationalShortcutAgreesWithTheParser(t *testing.T) {
	t.Parallel()
	var regions []string
	for region := range phonenumbers.GetSupportedRegions() {
		regions = append(regions, region)
	}
	slices.Sort(regions)
	sure := 0
	agree := func(t interface{ Fatalf(string, ...any) }, region, s string) {
		got, ok := nationalE164(s, region)
		if !ok {
			return
		}
		sure++
		if want, ok := parsePhone(s, region); !ok || got != want {
			t.Fatalf("%s in %s: the shortcut says %s, the parser %q, %v", s, region, got, want, ok)
		}
	}
	for _, region := range regions {
		for lead := 0; lead < 100; lead += stride() {
			for length := 5; length <= 13; length++ {
				agree(t, region, fmt.Sprintf("%02d57381940624", lead)[:length])
			}
		}
	}
	rapid.Check(t, func(t *rapid.T) {
		agree(t, rapid.SampledFrom(regions).Draw(t, "region"), rapid.StringMatching(`[0-9]{2,15}`).Draw(t, "digits"))
	})
	if sure < 2000/stride() {
		t.Errorf("the shortcut was sure only %d times", sure)
	}
}

// TestMobileExamples parses a real mobile number of every country in its
// national and its international form.
func TestMobileExamples(t *testing.T) {
	t.Parallel()
	dir := os.Getenv("SYNCLINE_TESTDATA")
	if dir == "" {
		t.Skip("SYNCLINE_TESTDATA is not set")
	}
	data, err := os.ReadFile(filepath.Join(dir, "reference", "phone-examples-mobile.json"))
	if err != nil {
		t.Fatal(err)
	}
	var examples map[string]string
	if err := json.Unmarshal(data, &examples); err != nil {
		t.Fatal(err)
	}
	if len(examples) < 200 {
		t.Fatalf("only %d examples", len(examples))
	}
	for region, national := range examples {
		number, err := phonenumbers.Parse(national, region)
		if err != nil {
			t.Errorf("%s: %v", region, err)
			continue
		}
		want := phonenumbers.Format(number, phonenumbers.E164)
		for _, form := range []phonenumbers.PhoneNumberFormat{phonenumbers.E164, phonenumbers.INTERNATIONAL, phonenumbers.NATIONAL, phonenumbers.RFC3966} {
			s := phonenumbers.Format(number, form)
			if region == "AR" && form == phonenumbers.NATIONAL {
				s = "011 15-2345-6789" // the formatter leaves the area code out
			}
			if got, _, ok := E164(s, region); !ok || got != want {
				t.Errorf("%s: %q is %q, %v, want %q", region, s, got, ok, want)
			}
		}
	}
}
