package dataset

import (
	"encoding/json"
	"reflect"
	"strings"

	"github.com/goccy/go-yaml"
)

// The Go types Sample and Dropped are the one description of the record: the
// Parquet schema, the Hugging Face features and the sizes are all read from
// their fields and `parquet` tags.

// feature is one column, or one field of a struct, in the terms of Hugging
// Face `datasets`. Exactly one of dtype, list and fields is set.
type feature struct {
	name   string
	dtype  string    // "string", "int64", "float64"
	list   *feature  // element of a list
	fields []feature // fields of a struct
}

// featuresOf returns the columns that values of the struct type t have.
func featuresOf(t reflect.Type) []feature {
	var fields []feature
	for field := range t.Fields() {
		if field.Anonymous {
			fields = append(fields, featuresOf(field.Type)...)
			continue
		}
		name, _, _ := strings.Cut(field.Tag.Get("parquet"), ",")
		f := featureOf(field.Type)
		f.name = name
		fields = append(fields, f)
	}
	return fields
}

func featureOf(t reflect.Type) feature {
	switch t.Kind() {
	case reflect.Struct:
		return feature{fields: featuresOf(t)}
	case reflect.Slice:
		element := featureOf(t.Elem())
		return feature{list: &element}
	default: // string, int64, float64: the names are the same in both worlds
		return feature{dtype: t.Kind().String()}
	}
}

// hubSchema returns the value of the Parquet key "huggingface" for rows of
// type t, as the Python package writes it.
func hubSchema(t reflect.Type) string {
	return `{"info": {"features": ` + jsonFields(featuresOf(t)) + `}}`
}

func jsonFields(fields []feature) string {
	parts := make([]string, len(fields))
	for i, f := range fields {
		name, _ := json.Marshal(f.name) // a string always marshals
		parts[i] = string(name) + ": " + f.json()
	}
	return "{" + strings.Join(parts, ", ") + "}"
}

func (f feature) json() string {
	switch {
	case f.list != nil:
		return `{"feature": ` + f.list.json() + `, "_type": "List"}`
	case f.fields != nil:
		return jsonFields(f.fields)
	default:
		return `{"dtype": "` + f.dtype + `", "_type": "Value"}`
	}
}

// yamlFields returns the features as the front matter of a card writes them.
func yamlFields(fields []feature) []yaml.MapSlice {
	list := make([]yaml.MapSlice, len(fields))
	for i, f := range fields {
		list[i] = append(yaml.MapSlice{{Key: "name", Value: f.name}}, f.yaml())
	}
	return list
}

func (f feature) yaml() yaml.MapItem {
	switch {
	case f.list != nil && f.list.dtype != "":
		return yaml.MapItem{Key: "list", Value: f.list.dtype}
	case f.list != nil:
		return yaml.MapItem{Key: "list", Value: yamlFields(f.list.fields)}
	case f.fields != nil:
		return yaml.MapItem{Key: "struct", Value: yamlFields(f.fields)}
	default:
		return yaml.MapItem{Key: "dtype", Value: f.dtype}
	}
}

// arrowBytes returns the memory a value takes in Arrow's columnar format: a
// string is its bytes and a 4-byte offset, a number 8 bytes, a list its
// elements and a 4-byte offset. Arrow has one more offset per column and
// batch, and validity bits for columns with nulls, which are left out here.
func arrowBytes(v reflect.Value) (size int64) {
	switch v.Kind() {
	case reflect.Struct:
		for _, field := range v.Fields() {
			size += arrowBytes(field)
		}
	case reflect.Slice:
		size = 4
		for i := range v.Len() {
			size += arrowBytes(v.Index(i))
		}
	case reflect.String:
		size = 4 + int64(v.Len())
	default:
		size = 8
	}
	return size
}
