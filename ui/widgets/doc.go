// Package widgets holds the parts that several screens share: buttons, chips,
// marks, panels, bars and dialogs, drawn as the look prescribes.
//
// Every widget is one flat renderer over a list of rectangles, texts and
// images: positions are computed in its layout, colours are read when it
// refreshes, so that switching between dark and light reaches all of them. Set
// the exported fields, then call Refresh. All of this belongs to the UI
// goroutine.
//
// Every widget one can act on takes the focus when clicked, shows a ring while
// it has it, and answers to Space or Enter.
package widgets
