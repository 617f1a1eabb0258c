package look_test

import (
	"bytes"
	"image/color"
	"strings"
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/test"
	"fyne.io/fyne/v2/theme"
	"pgregory.net/rapid"

	"syncline/assets"
	"syncline/ui/look"
)

var modes = map[string]look.Mode{"light": look.Light, "dark": look.DarkMode}

func inMode(t *testing.T, mode look.Mode) {
	t.Helper()
	test.NewTempApp(t).Settings().SetTheme(look.New(mode))
}

var meanings = []look.Meaning{look.Create, look.Update, look.Cleared, look.Conflict, look.Unchanged, look.Skipped,
	look.Failed, look.Invalid, look.Source, look.HubSpot, look.Base, look.Production, look.Sandbox, look.Practice}

// The four figures of the look, recomputed from the token table.
func TestTokensKeepTheirContrast(t *testing.T) {
	fills := []look.Token{look.Bg, look.Surface, look.Sunken, look.Raised, look.Hover, look.Select}
	for name, mode := range modes {
		t.Run(name, func(t *testing.T) {
			inMode(t, mode)
			check := func(what string, fore, back look.Token, least float64) {
				t.Helper()
				if got := look.Contrast(look.Color(fore), look.Color(back)); got < least {
					t.Errorf("%s: %s on %s is %.2f : 1, want %g at least", what, fore, back, got, least)
				}
			}
			for _, back := range fills {
				for _, text := range []look.Token{look.T1, look.T2, look.T3} {
					check("neutral text", text, back, 4.5)
				}
			}
			for _, m := range meanings {
				for _, back := range []look.Token{m.Tint(), look.Bg, look.Surface, look.Sunken, look.Select} {
					check("meaning text", m.Text(), back, 4.5)
				}
			}
			for _, m := range []look.Meaning{look.Create, look.Update, look.Conflict, look.Failed, look.Source, look.HubSpot, look.Base} {
				check("solid", m.Solid(), look.Surface, 3)
			}
			check("control outline", look.Control, look.Surface, 3)
			check("control outline", look.Control, look.Bg, 3)
			check("focus ring", look.Focus, look.Bg, 3)
			check("primary button", look.OnAccent, look.Accent, 4.5)
			check("primary button under the pointer", look.OnAccent, look.AccentH, 4.5)
			check("production block", look.OnSolid, look.Production.Solid(), 4.5)
			check("link", look.Accent, look.Bg, 4.5)
		})
	}
}

func TestContrastOfKnownPairs(t *testing.T) {
	white, black := color.Gray{255}, color.Gray{0}
	if got := look.Contrast(white, black); got < 20.99 || got > 21.01 {
		t.Errorf("white on black is %v, want 21", got)
	}
	if got := look.Contrast(black, white); got < 20.99 {
		t.Errorf("the order of the colours matters: %v", got)
	}
	if got := look.Contrast(white, color.NRGBA{0x77, 0x77, 0x77, 255}); got < 4.47 || got > 4.49 {
		t.Errorf("white on #777777 is %v, want 4.48", got)
	}
}

func TestEveryMeaningHasAGlyphAWordAndThreeColours(t *testing.T) {
	inMode(t, look.Light)
	for _, m := range meanings {
		if m.Word() == "" || m.Done() == "" {
			t.Errorf("meaning %d has no word", m)
		}
		svg := assets.Icon(string(m.Icon()))
		if !bytes.Contains(svg, []byte("#000000")) {
			t.Errorf("%v: icon %q cannot be recoloured", m, m.Icon())
		}
		if m.Text() == m.Solid() || m.Solid() == m.Tint() {
			t.Errorf("%v: tokens are not three: %s %s %s", m, m.Text(), m.Solid(), m.Tint())
		}
	}
	if look.Neutral.Icon() != "" || look.Neutral.Word() != "" {
		t.Error("Neutral means something")
	}
}

func TestFatesHaveOneOrder(t *testing.T) {
	var got []string
	for _, m := range look.Fates() {
		got = append(got, m.Word())
	}
	if s := strings.Join(got, " "); s != "Create Update Unchanged Conflict Skipped Failed" {
		t.Errorf("order of fates: %s", s)
	}
	if look.ChipFates()[2] != look.Conflict {
		t.Error("conflict is not the third chip")
	}
}

func TestIconsTakeTheColourOfTheMoment(t *testing.T) {
	inMode(t, look.Light)
	light := look.Res("conflict", look.Conflict.Text())
	if !bytes.Contains(light.Content(), []byte("#7D4C00")) {
		t.Errorf("light icon is not #7D4C00: %.120s", light.Content())
	}
	if look.Res("conflict", look.Conflict.Text()) != light {
		t.Error("the icon was made twice")
	}
	inMode(t, look.DarkMode)
	if dark := look.Res("conflict", look.Conflict.Text()); !bytes.Contains(dark.Content(), []byte("#F0C052")) {
		t.Errorf("dark icon is not #F0C052: %.120s", dark.Content())
	}
}

func TestThemeFollowsTheSystemUnlessTold(t *testing.T) {
	for _, c := range []struct {
		mode    look.Mode
		variant fyne.ThemeVariant
		want    color.NRGBA
	}{
		{look.System, theme.VariantLight, color.NRGBA{0xF7, 0xF6, 0xF3, 0xFF}},
		{look.System, theme.VariantDark, color.NRGBA{0x14, 0x17, 0x1A, 0xFF}},
		{look.Light, theme.VariantDark, color.NRGBA{0xF7, 0xF6, 0xF3, 0xFF}},
		{look.DarkMode, theme.VariantLight, color.NRGBA{0x14, 0x17, 0x1A, 0xFF}},
	} {
		th := look.New(c.mode)
		if got := th.Color(theme.ColorNameBackground, c.variant); got != c.want {
			t.Errorf("mode %d, variant %d: background %v, want %v", c.mode, c.variant, got, c.want)
		}
		if got := th.Color(look.Bg, c.variant); got != c.want {
			t.Errorf("mode %d, variant %d: token %v, want %v", c.mode, c.variant, got, c.want)
		}
	}
}

func TestFiguresAreTabular(t *testing.T) {
	inMode(t, look.Light)
	for _, kind := range []look.Type{look.Body, look.Strong, look.Small, look.Caption, look.Total, look.Mono} {
		want := kind.Width("0000000000")
		for d := '1'; d <= '9'; d++ {
			if got := kind.Width(strings.Repeat(string(d), 10)); got != want {
				t.Errorf("%+v: ten times %c is %v wide, ten zeros are %v", kind, d, got, want)
			}
		}
	}
}

func TestCut(t *testing.T) {
	inMode(t, look.Light)
	long := "Xiomara Devereaux-Holmqvist"
	for _, width := range []float32{20, 60, 110, 400} {
		got := look.Cut(long, look.Body, width)
		if look.Body.Width(got) > width {
			t.Errorf("%q is wider than %v", got, width)
		}
		if got != long && !strings.HasSuffix(got, "…") {
			t.Errorf("%q was cut without …", got)
		}
	}
	if got := look.Cut(long, look.Body, 400); got != long {
		t.Errorf("a text that fits became %q", got)
	}
	if got := look.Cut("two\nlines\tand a tab", look.Body, 400); got != "two lines and a tab" {
		t.Errorf("a cell of more than one line became %q", got)
	}
	if got := look.Cut("x", look.Body, 0); got != "" {
		t.Errorf("no width gives %q", got)
	}
}

func TestCutNeverExceedsTheWidth(t *testing.T) {
	inMode(t, look.Light)
	rapid.Check(t, func(r *rapid.T) {
		s := rapid.StringOf(rapid.RuneFrom([]rune("iWäß 中€.-@0"))).Draw(r, "s")
		width := float32(rapid.IntRange(1, 200).Draw(r, "width"))
		if got := look.Cut(s, look.Body, width); look.Body.Width(got) > width {
			r.Fatalf("%q is %v wide, more than %v", got, look.Body.Width(got), width)
		}
	})
}

func TestWrapKeepsEveryWordAndTheWidth(t *testing.T) {
	inMode(t, look.Light)
	rapid.Check(t, func(r *rapid.T) {
		words := rapid.SliceOfN(rapid.StringMatching(`[a-zA-Z.,]{1,24}`), 1, 20).Draw(r, "words")
		width := float32(rapid.IntRange(40, 300).Draw(r, "width"))
		lines := look.Wrap(strings.Join(words, " "), look.Small, width, 0)
		for _, l := range lines {
			if look.Small.Width(l) > width && len([]rune(l)) > 1 {
				r.Fatalf("%q is wider than %v", l, width)
			}
		}
		if got, want := strings.ReplaceAll(strings.Join(lines, ""), " ", ""), strings.Join(words, ""); got != want {
			r.Fatalf("text became %q, want %q", got, want)
		}
	})
}

func TestWrapCutsTheLastLine(t *testing.T) {
	inMode(t, look.Light)
	lines := look.Wrap("The most owners one run of this sync has changed is 11. The column was renamed.", look.Small, 160, 2)
	if len(lines) != 2 || !strings.HasSuffix(lines[1], "…") {
		t.Errorf("lines: %q; want two, the second one cut", lines)
	}
	if look.Wrap("", look.Small, 100, 0) != nil {
		t.Error("an empty text has lines")
	}
}

func TestNumbers(t *testing.T) {
	if got := look.Number(86412); got != "86,412" {
		t.Errorf("86412 is written %q", got)
	}
	for _, c := range []struct {
		part, whole int
		want        string
	}{
		{0, 100, "0%"}, {39000, 650000, "6%"}, {334, 650000, "0.05%"}, {100, 100, "100%"},
		{9999, 10000, "99%"}, {1, 1000000, "under 0.01%"}, {5, 0, "0%"}, {63, 100, "63%"},
	} {
		if got := look.Share(c.part, c.whole); got != c.want {
			t.Errorf("%d of %d is %q, want %q", c.part, c.whole, got, c.want)
		}
	}
}

func TestMixRunsFromOneColourToTheOther(t *testing.T) {
	inMode(t, look.Light)
	if look.Mix(look.Source.Solid(), look.HubSpot.Solid(), 0) != look.Color(look.Source.Solid()) ||
		look.Mix(look.Source.Solid(), look.HubSpot.Solid(), 1) != look.Color(look.HubSpot.Solid()) {
		t.Error("the ends are not the two colours")
	}
}
