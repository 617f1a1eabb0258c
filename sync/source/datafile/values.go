package datafile

import (
	"encoding/hex"
	"math"
	"math/big"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/parquet-go/parquet-go"
	"github.com/parquet-go/parquet-go/deprecated"
	"github.com/parquet-go/parquet-go/format"

	"syncline/sync/record"
)

// kind is how the values of a column of Parquet are read (LogicalTypes.md of the
// format).
type kind struct {
	of    of
	scale int           // of decimals
	unit  time.Duration // of times
	utc   bool          // a moment, not a local time
}

type of uint8

const (
	ofNothing of = iota
	ofBool
	ofInteger
	ofUnsigned
	ofFloat
	ofDouble
	ofDecimal
	ofDay
	ofTime
	ofMoment
	ofInt96
	ofText
	ofBytes // text, if they are
	ofUUID
)

// unread is what no cell can hold.
var unread = kind{}

// kindOf reads a column's type; what older writers say in its place is known to
// the library.
func kindOf(t parquet.Type) kind {
	if logical := t.LogicalType(); logical != nil {
		switch v := logical.Value.(type) {
		case *format.StringType, *format.EnumType, *format.JsonType:
			return kind{of: ofText}
		case *format.UUIDType:
			return kind{of: ofUUID}
		case *format.DateType:
			return kind{of: ofDay}
		case *format.DecimalType:
			return kind{of: ofDecimal, scale: int(v.Scale)}
		case *format.TimeType:
			return kind{of: ofTime, unit: v.Unit.Value.Duration()}
		case *format.TimestampType:
			return kind{of: ofMoment, unit: v.Unit.Value.Duration(), utc: v.IsAdjustedToUTC}
		case *format.IntType:
			if v.IsSigned {
				return kind{of: ofInteger}
			}
			return kind{of: ofUnsigned}
		case *format.NullType, *format.BsonType, *format.VariantType, *format.GeometryType, *format.GeographyType, *format.Float16Type:
			return unread
		}
	}
	if k, known := converted(t); known {
		return k
	}
	return physical(t.Kind())
}

// converted is the kind by the types of before 2018.
func converted(t parquet.Type) (kind, bool) {
	c := t.ConvertedType()
	if c == nil {
		return kind{}, false
	}
	switch *c {
	case deprecated.UTF8, deprecated.Enum, deprecated.Json:
		return kind{of: ofText}, true
	case deprecated.Date:
		return kind{of: ofDay}, true
	case deprecated.TimeMillis:
		return kind{of: ofTime, unit: time.Millisecond}, true
	case deprecated.TimeMicros:
		return kind{of: ofTime, unit: time.Microsecond}, true
	case deprecated.TimestampMillis:
		return kind{of: ofMoment, unit: time.Millisecond, utc: true}, true
	case deprecated.TimestampMicros:
		return kind{of: ofMoment, unit: time.Microsecond, utc: true}, true
	case deprecated.Uint8, deprecated.Uint16, deprecated.Uint32, deprecated.Uint64:
		return kind{of: ofUnsigned}, true
	case deprecated.Int8, deprecated.Int16, deprecated.Int32, deprecated.Int64:
		return kind{of: ofInteger}, true
	case deprecated.Bson, deprecated.Interval:
		return unread, true
	}
	return kind{}, false
}

func physical(k parquet.Kind) kind {
	switch k {
	case parquet.Boolean:
		return kind{of: ofBool}
	case parquet.Int32, parquet.Int64:
		return kind{of: ofInteger}
	case parquet.Int96:
		return kind{of: ofInt96}
	case parquet.Float:
		return kind{of: ofFloat}
	case parquet.Double:
		return kind{of: ofDouble}
	case parquet.ByteArray:
		return kind{of: ofBytes}
	}
	return unread
}

// typed is the type of a column of this kind; of a text it is not known.
func (k kind) typed() (record.Type, bool) {
	switch k.of {
	case ofBool:
		return record.TypeBool, true
	case ofInteger, ofUnsigned, ofFloat, ofDouble, ofDecimal:
		return record.TypeNumber, true
	case ofDay:
		return record.TypeDate, true
	case ofMoment, ofInt96:
		return record.TypeDateTime, true
	}
	return "", false
}

const semicolon = "is a list with a semicolon in one of its texts, by which HubSpot parts options"

// cell reads a value with all of its digits.
func (k kind) cell(v parquet.Value) cell {
	switch k.of {
	case ofBool:
		return cell{value: strconv.FormatBool(v.Boolean())}
	case ofInteger:
		return cell{value: strconv.FormatInt(whole(v), 10)}
	case ofUnsigned:
		if v.Kind() == parquet.Int32 {
			return cell{value: strconv.FormatUint(uint64(v.Uint32()), 10)}
		}
		return cell{value: strconv.FormatUint(v.Uint64(), 10)}
	case ofFloat:
		return floating(float64(v.Float()), 32)
	case ofDouble:
		return floating(v.Double(), 64)
	case ofDecimal:
		return decimal(v, k.scale)
	case ofDay:
		return cell{value: time.Unix(whole(v)*24*60*60, 0).UTC().Format("2006-01-02")}
	case ofTime:
		return cell{value: at(whole(v), k.unit).Format("15:04:05.999999999")}
	case ofMoment:
		return moment(at(whole(v), k.unit), k.utc)
	case ofInt96:
		// Days since 4713 BC and nanoseconds, as Hive and Impala wrote moments.
		n := v.Int96()
		return moment(time.Unix((int64(n[2])-2440588)*24*60*60, int64(n[1])<<32|int64(n[0])).UTC(), true)
	case ofUUID:
		if id := hex.EncodeToString(v.ByteArray()); len(id) == 32 {
			return cell{value: strings.Join([]string{id[:8], id[8:12], id[12:16], id[16:20], id[20:]}, "-")}
		}
		return cell{flaw: "holds a UUID that is none"}
	}
	text := string(v.ByteArray())
	if !utf8.ValidString(text) {
		return cell{flaw: "holds bytes that are no text"}
	}
	return cell{value: text, text: true}
}

func whole(v parquet.Value) int64 {
	if v.Kind() == parquet.Int32 {
		return int64(v.Int32())
	}
	return v.Int64()
}

// at is the time so many units after the start of 1970, whatever their size.
func at(n int64, unit time.Duration) time.Time {
	perSecond := int64(time.Second / unit)
	seconds, rest := n/perSecond, n%perSecond
	return time.Unix(seconds, rest*int64(unit)).UTC()
}

func moment(t time.Time, utc bool) cell {
	if t.Year() < 1 || t.Year() > 9999 {
		return cell{flaw: "holds a time outside of the years 1 to 9999"}
	}
	form := "2006-01-02T15:04:05.999999999"
	if utc {
		form += "Z"
	}
	return cell{value: t.Format(form)}
}

func floating(n float64, bits int) cell {
	if math.IsNaN(n) || math.IsInf(n, 0) {
		return cell{flaw: "holds " + strconv.FormatFloat(n, 'g', -1, bits) + ", which is no number to write"}
	}
	if n == 0 {
		return cell{value: "0"} // not -0
	}
	return cell{value: strconv.FormatFloat(n, 'f', -1, bits)}
}

// decimal puts the point into a whole number: of 32 or 64 bits, or of bytes, the
// highest first, in two's complement.
func decimal(v parquet.Value, scale int) cell {
	n := new(big.Int)
	switch v.Kind() {
	case parquet.Int32, parquet.Int64:
		n.SetInt64(whole(v))
	default:
		b := v.ByteArray()
		n.SetBytes(b)
		if len(b) > 0 && b[0]&0x80 != 0 {
			n.Sub(n, new(big.Int).Lsh(big.NewInt(1), uint(8*len(b))))
		}
	}
	if scale <= 0 {
		return cell{value: n.String()}
	}
	digits := new(big.Int).Abs(n).String()
	if len(digits) <= scale {
		digits = strings.Repeat("0", scale-len(digits)+1) + digits
	}
	text := digits[:len(digits)-scale] + "." + digits[len(digits)-scale:]
	if n.Sign() < 0 {
		text = "-" + text
	}
	return cell{value: text}
}
