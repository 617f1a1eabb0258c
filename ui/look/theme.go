package look

import (
	_ "embed"
	"image/color"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/theme"
)

const variantDark = theme.VariantDark

// Mode is the user's choice of look.
type Mode uint8

// The modes. System follows the desktop and changes with it.
const (
	System Mode = iota
	Light
	DarkMode
)

// Theme is Syncline's look as a Fyne theme, so that Fyne's own widgets fit.
// Set it in Lifecycle.SetOnStarted: a theme set before Run stops following the
// desktop's switch between dark and light.
type Theme struct{ mode Mode }

var _ fyne.Theme = (*Theme)(nil)

// New makes the theme for a mode.
func New(mode Mode) *Theme { return &Theme{mode: mode} }

// Mode is the choice the theme was made with.
func (t *Theme) Mode() Mode { return t.mode }

func (t *Theme) dark(v fyne.ThemeVariant) bool {
	switch t.mode {
	case Light:
		return false
	case DarkMode:
		return true
	}
	return v == variantDark
}

// fyneNames maps Fyne's colour names to our tokens.
var fyneNames = map[fyne.ThemeColorName]Token{
	theme.ColorNameBackground:          Bg,
	theme.ColorNameInputBackground:     Surface,
	theme.ColorNameInputBorder:         Control,
	theme.ColorNameButton:              Surface,
	theme.ColorNameDisabledButton:      Sunken,
	theme.ColorNameDisabled:            Off,
	theme.ColorNameForeground:          T1,
	theme.ColorNamePlaceHolder:         T3,
	theme.ColorNamePrimary:             Accent,
	theme.ColorNameForegroundOnPrimary: OnAccent,
	theme.ColorNameForegroundOnError:   Surface,
	theme.ColorNameForegroundOnSuccess: Surface,
	theme.ColorNameForegroundOnWarning: Surface,
	theme.ColorNameHyperlink:           Accent,
	theme.ColorNameHover:               Hover,
	theme.ColorNamePressed:             Stroke,
	theme.ColorNameFocus:               Focus,
	theme.ColorNameSelection:           Select,
	theme.ColorNameSeparator:           Stroke,
	theme.ColorNameHeaderBackground:    Sunken,
	theme.ColorNameMenuBackground:      Raised,
	theme.ColorNameOverlayBackground:   Raised,
	theme.ColorNameScrollBar:           Control,
	theme.ColorNameScrollBarBackground: Clear,
	theme.ColorNameShadow:              Clear,
	theme.ColorNameSuccess:             "syncline.create",
	theme.ColorNameWarning:             "syncline.conflict",
	theme.ColorNameError:               "syncline.failed",
}

// Color implements fyne.Theme.
func (t *Theme) Color(name fyne.ThemeColorName, v fyne.ThemeVariant) color.Color {
	if token, ok := fyneNames[name]; ok {
		name = token
	}
	if c, ok := value(name, t.dark(v)); ok {
		return c
	}
	return theme.DefaultTheme().Color(name, v)
}

// Size implements fyne.Theme.
func (t *Theme) Size(name fyne.ThemeSizeName) float32 {
	switch name {
	case theme.SizeNameText:
		return 13
	case theme.SizeNameCaptionText:
		return 11
	case theme.SizeNameSubHeadingText:
		return 15
	case theme.SizeNameHeadingText:
		return 20
	case theme.SizeNameInlineIcon:
		return 16
	case theme.SizeNameInnerPadding:
		return 8
	case theme.SizeNamePadding:
		return 4
	case theme.SizeNameSeparatorThickness, theme.SizeNameInputBorder:
		return 1
	case theme.SizeNameInputRadius:
		return RadiusButton
	case theme.SizeNameSelectionRadius:
		return RadiusTag
	case theme.SizeNameScrollBar:
		return 10
	case theme.SizeNameScrollBarSmall:
		return 4
	}
	return theme.DefaultTheme().Size(name)
}

// Icon implements fyne.Theme.
func (t *Theme) Icon(name fyne.ThemeIconName) fyne.Resource {
	return theme.DefaultTheme().Icon(name)
}

// The faces are Inter and JetBrains Mono, cut to the scripts they are needed
// for and, for Inter, with the tabular figures as the figures, because Fyne
// cannot switch OpenType features on. Other scripts fall back to Fyne's fonts.
// Licences: fonts/LICENSE-*.txt.
var (
	//go:embed fonts/Inter-Regular.otf
	interRegular []byte
	//go:embed fonts/Inter-SemiBold.otf
	interSemiBold []byte
	//go:embed fonts/JetBrainsMono-Regular.ttf
	monoRegular []byte
	//go:embed fonts/JetBrainsMono-SemiBold.ttf
	monoSemiBold []byte

	fontRegular      = fyne.NewStaticResource("Inter-Regular.otf", interRegular)
	fontSemiBold     = fyne.NewStaticResource("Inter-SemiBold.otf", interSemiBold)
	fontMono         = fyne.NewStaticResource("JetBrainsMono-Regular.ttf", monoRegular)
	fontMonoSemiBold = fyne.NewStaticResource("JetBrainsMono-SemiBold.ttf", monoSemiBold)
)

// Font implements fyne.Theme. Italic is not used in our screens and has the
// upright face.
func (t *Theme) Font(style fyne.TextStyle) fyne.Resource {
	switch {
	case style.Symbol:
		return theme.DefaultTheme().Font(style)
	case style.Monospace && style.Bold:
		return fontMonoSemiBold
	case style.Monospace:
		return fontMono
	case style.Bold:
		return fontSemiBold
	}
	return fontRegular
}
