package look

import (
	"bytes"
	"fmt"
	"image/color"
	"sync"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/theme"

	"syncline/assets"
)

// Icon is the name of a picture of the set in assets/icons, without suffix.
type Icon string

// Res is the icon in the token's colour at this moment. It is made once per
// icon and colour, so that asking again in every refresh costs a map look-up.
// Widgets of our own use it; standard widgets take [Themed].
func Res(icon Icon, t Token) fyne.Resource {
	if icon == "" {
		return nil
	}
	c, ok := Color(t).(color.NRGBA)
	if !ok {
		return nil
	}
	return tinted.get(icon, c)
}

// Themed is the icon as a resource that follows the theme by itself, for menus
// and standard widgets.
func Themed(icon Icon, t Token) fyne.Resource {
	return theme.NewColoredResource(fyne.NewStaticResource(string(icon)+".svg", assets.Icon(string(icon))), t)
}

// Plain is the picture as it was drawn, for the application icon, which is
// never tinted.
func Plain(icon Icon) fyne.Resource {
	return fyne.NewStaticResource(string(icon)+".svg", assets.Icon(string(icon)))
}

// tinted holds the coloured icons made so far; there are about 80 icons in a
// handful of colours.
var tinted iconCache

type iconKey struct {
	icon Icon
	c    color.NRGBA
}

type iconCache struct {
	mu   sync.Mutex
	made map[iconKey]fyne.Resource
}

func (ic *iconCache) get(icon Icon, c color.NRGBA) fyne.Resource {
	ic.mu.Lock()
	defer ic.mu.Unlock()
	key := iconKey{icon, c}
	if r, ok := ic.made[key]; ok {
		return r
	}
	if ic.made == nil {
		ic.made = make(map[iconKey]fyne.Resource)
	}
	hex := fmt.Sprintf("#%02X%02X%02X", c.R, c.G, c.B)
	svg := bytes.ReplaceAll(assets.Icon(string(icon)), []byte("#000000"), []byte(hex))
	r := fyne.NewStaticResource(string(icon)+hex+".svg", svg)
	ic.made[key] = r
	return r
}
