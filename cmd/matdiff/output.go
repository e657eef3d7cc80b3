package main

import (
	"bytes"
	"encoding/json"
	"strconv"

	"matdiff/internal/parser"
)

// encode returns v as one line of JSON.
func encode(v any) (string, error) {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	err := e.Encode(v)
	return escapedJSON(string(bytes.TrimSuffix(b.Bytes(), []byte("\n")))), err
}

// encoded is v as a result.
func encoded(v any) (shown, error) {
	line, err := encode(v)
	return shown{text: line}, err
}

// rounded is a number of which JSON needs no more than a few digits; further ones differ from machine to machine.
type rounded float64

func (x rounded) MarshalJSON() ([]byte, error) {
	return strconv.AppendFloat(nil, float64(x), 'g', 3, 64), nil
}

// shapesByName returns the shape of every variable of t as m×n.
func shapesByName(t *parser.Typed) map[string]string {
	shapes := map[string]string{}
	for name, v := range t.Names {
		shapes[name] = v.Shape.String()
	}
	return shapes
}
