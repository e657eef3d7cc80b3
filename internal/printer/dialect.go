package printer

import "strings"

// A dialect is how a mark-up language spells boxes.
type dialect struct {
	signs      [signs]string     // with the spaces that belong to them
	around     [boxKinds]pattern // what stands round the parts of a box
	script     [2]string         // what stands round an index or exponent…
	bareScript bool              // … unless it is one piece
	transposes map[string]string // by Style.Transpose
	spell      [boxKinds]func(s Style, b *box) string
}

// A pattern is what stands before the first part, between the parts, and after the last. In a row nothing stands between.
type pattern []string

// text spells b.
func (d *dialect) text(s Style, b *box) string {
	var w strings.Builder
	d.write(&w, s, b)
	return w.String()
}

func (d *dialect) write(w *strings.Builder, s Style, b *box) {
	switch {
	case b.kind == signBox:
		w.WriteString(d.signs[b.sign])
	case b.kind == transposeBox:
		w.WriteString(d.transposes[s.Transpose])
	case d.spell[b.kind] != nil:
		w.WriteString(d.spell[b.kind](s, b))
	case b.kind == rowBox:
		w.WriteString(d.around[rowBox][0])
		for _, p := range b.parts {
			d.write(w, s, p)
		}
		w.WriteString(d.around[rowBox][1])
	default:
		for i, p := range b.parts {
			w.WriteString(d.around[b.kind][i])
			if i > 0 && (b.kind == subBox || b.kind == superBox || b.kind == bothBox) {
				d.writeScript(w, s, p)
			} else {
				d.write(w, s, p)
			}
		}
		w.WriteString(d.around[b.kind][len(b.parts)])
	}
}

func (d *dialect) writeScript(w *strings.Builder, s Style, b *box) {
	text := d.text(s, b)
	if d.bareScript && len(b.parts) == 0 && b.kind != wordBox && !strings.Contains(text, "(") {
		w.WriteString(text)
		return
	}
	w.WriteString(d.script[0] + text + d.script[1])
}
