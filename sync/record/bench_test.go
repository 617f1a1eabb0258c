package record

import (
	"fmt"
	"testing"
)

// BenchmarkCanonical measures one value of each comparison, each a new one, as
// a first run meets them.
func BenchmarkCanonical(b *testing.B) {
	zone := berlin(b)
	for _, c := range []struct {
		name string
		rule Rule
		make func(i int) string
	}{
		{"text", Rule{}, func(i int) string { return fmt.Sprintf("Customer Nr. %d", i) }},
		{"text-unicode", Rule{}, func(i int) string { return fmt.Sprintf("Kundé Nr. %d", i) }},
		{"text-folded", Rule{Compare: CompareTextFolded}, func(i int) string { return fmt.Sprintf("Kundé  Nr. %d", i) }},
		{"email", Rule{Compare: CompareEmail}, func(i int) string { return fmt.Sprintf("Ada%d@Example.com", i) }},
		{"email-idn", Rule{Compare: CompareEmail}, func(i int) string { return fmt.Sprintf("ada@bücher%d.example", i) }},
		{"phone-national", Rule{Compare: ComparePhone, Region: "DE"}, func(i int) string { return fmt.Sprintf("030 / %07d", i%1e7) }},
		{"phone-e164", Rule{Compare: ComparePhone, Region: "DE"}, func(i int) string { return fmt.Sprintf("+4930%07d", i%1e7) }},
		{"phone-us", Rule{Compare: ComparePhone, Region: "US"}, func(i int) string { return fmt.Sprintf("(212) %03d-%04d", 200+i/1e4%800, i%1e4) }},
		{"url", Rule{Compare: CompareURL}, func(i int) string { return fmt.Sprintf("https://www.Example%d.com/About/", i) }},
		{"date", Rule{Compare: CompareDate}, func(i int) string { return fmt.Sprintf("2026-01-%02d", i%28+1) }},
		{"date-form", Rule{Compare: CompareDate, Format: "DD.MM.YYYY"}, func(i int) string { return fmt.Sprintf("%02d.01.2026", i%28+1) }},
		{"datetime", Rule{Compare: CompareDateTime, Zone: zone}, func(i int) string { return fmt.Sprintf("2026-01-%02d 10:00", i%28+1) }},
		{"number", Rule{Compare: CompareNumber}, func(i int) string { return fmt.Sprintf("%d.50", i) }},
		{"boolean", Rule{Compare: CompareBoolean}, func(int) string { return "TRUE" }},
		{"set", Rule{Compare: CompareSet}, func(i int) string { return fmt.Sprintf("b;a;%d", i%7) }},
		{"html", Rule{Compare: CompareHTML}, func(i int) string { return fmt.Sprintf("<p>Called <b>%d</b> times &amp; left</p>", i) }},
	} {
		b.Run(c.name, func(b *testing.B) {
			values := make([]Value, 200_000)
			for i := range values {
				values[i] = Text(c.make(i))
			}
			b.ReportAllocs()
			i := 0
			for b.Loop() {
				c.rule.Canonical(values[i%len(values)])
				i++
			}
		})
	}
}

func BenchmarkValuesJSON(b *testing.B) {
	vs := Values{}
	for i := range 20 {
		vs[fmt.Sprintf("property_%d", i)] = Text(fmt.Sprintf("value %d", i))
	}
	b.ReportAllocs()
	for b.Loop() {
		_ = Hash(vs)
	}
}
