using System.ComponentModel;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;
using Blobs.Errors;

namespace Blobs.Json.Internal;

/// <summary>
/// The value of a member of an object, or an element of a list. A member may appear several times; all its values are here, because
/// Go reads one after another into the same field. Each method reads the value as one of Go's types; a value that is absent or
/// <c>null</c> is the zero value of that type.
/// </summary>
/// <param name="document">The document, which creates the errors.</param>
/// <param name="owner">The object that an error about an absent value points to.</param>
/// <param name="values">All values of the member, in the document's order.</param>
[EditorBrowsable(EditorBrowsableState.Never)]
public readonly struct GoValue(GoDocument document, JsonElement owner, IReadOnlyList<JsonElement> values)
{
    /// <summary>Whether there is a value other than <c>null</c>, so that a pointer, map or slice in Go would not be nil.</summary>
    public bool IsThere => values.Count > 0 && values[^1].ValueKind != JsonValueKind.Null;

    /// <summary>A string; null if there is none, where Go has an empty string.</summary>
    public string? Text()
    {
        string? text = null;
        foreach (JsonElement value in OfKind("a string", JsonValueKind.String))
        {
            text = TextOf(value);
        }

        return text;
    }

    /// <summary>A string; null if it is absent or empty, for members where both mean the same.</summary>
    public string? TextIfAny() => Text() is { Length: > 0 } text ? text : null;

    /// <summary>A boolean.</summary>
    public bool Flag()
    {
        bool flag = false;
        foreach (JsonElement value in OfKind("true or false", JsonValueKind.True, JsonValueKind.False))
        {
            flag = value.GetBoolean();
        }

        return flag;
    }

    /// <summary>An integer of 64 bits. A number with a fraction or an exponent is an error.</summary>
    public long Number()
    {
        long number = 0;
        foreach (JsonElement value in OfKind("an integer", JsonValueKind.Number))
        {
            if (!value.TryGetInt64(out number))
            {
                throw document.Refuse(value, "is not a 64-bit integer");
            }
        }

        return number;
    }

    /// <summary>A pointer to an integer; null if it is nil.</summary>
    public long? NumberIfAny()
    {
        long number = Number();
        return IsThere ? number : null;
    }

    /// <summary>An unsigned integer of at most 64 bits.</summary>
    public ulong Unsigned(ulong max = ulong.MaxValue)
    {
        ulong number = 0;
        foreach (JsonElement value in OfKind("an integer", JsonValueKind.Number))
        {
            if (!value.TryGetUInt64(out number) || number > max)
            {
                throw document.Refuse(value, $"is not an integer from 0 to {max}");
            }
        }

        return number;
    }

    /// <summary>A pointer to a floating-point number; null if it is nil.</summary>
    public double? RealIfAny()
    {
        double? number = null;
        foreach (JsonElement value in OfKind("a number", JsonValueKind.Number))
        {
            number = value.TryGetDouble(out double real) && double.IsFinite(real)
                ? real
                : throw document.Refuse(value, "is a number that is too large");
        }

        return number;
    }

    /// <summary>An RFC 3339 time, as text exactly as in the document.</summary>
    public string? Time()
    {
        string? time = null;
        foreach (JsonElement value in OfKind("a time", JsonValueKind.String))
        {
            // Go parses the raw text of a time, so escapes are not valid in it.
            time = Encoding.UTF8.GetString(JsonMarshal.GetRawUtf8Value(value)[1..^1]);
            if (GoTime.Normalize(time) is null)
            {
                throw document.Refuse(value, "is not a time, expected RFC 3339");
            }
        }

        return time;
    }

    /// <summary>Text that must parse, as a digest for instance.</summary>
    /// <param name="expected">What is expected, for the error.</param>
    public T Parsed<T>(string expected)
        where T : IParsable<T> => T.TryParse(Text(), null, out T? parsed)
        ? parsed
        : throw document.Refuse(values.Count > 0 ? values[^1] : owner, $"expected {expected}");

    /// <summary>Like <see cref="Parsed{T}"/>, but null if the text does not parse.</summary>
    public T? ParsedIfAny<T>()
        where T : struct, IParsable<T> => T.TryParse(Text(), null, out T parsed) ? parsed : null;

    /// <summary>A struct; if it is absent, it has no members.</summary>
    public GoObject Object()
    {
        List<JsonElement> objects = [];
        foreach (JsonElement value in values)
        {
            if (value.ValueKind == JsonValueKind.Object)
            {
                objects.Add(value);
            }
            else if (value.ValueKind != JsonValueKind.Null)
            {
                throw Mistyped(value, "an object");
            }
        }

        return new GoObject(document, objects.Count > 0 ? objects[^1] : owner, objects);
    }

    /// <summary>A pointer to a struct; null if it is nil. A <c>null</c> in the document discards the values before it.</summary>
    public GoObject? ObjectIfAny() => ObjectsSinceNull() is { Count: > 0 } objects
        ? new GoObject(document, objects[^1], objects)
        : null;

    /// <summary>A slice; null if it is nil.</summary>
    /// <param name="read">Reads an element.</param>
    public IReadOnlyList<T>? List<T>(Func<GoValue, T> read)
    {
        List<T>? list = null;
        foreach (JsonElement value in values)
        {
            list = value.ValueKind switch
            {
                JsonValueKind.Null => null,
                JsonValueKind.Array => [.. Elements(value).Select(read)],
                _ => throw Mistyped(value, "a list"),
            };
        }

        return list;
    }

    /// <summary>A slice of strings; null if it is nil.</summary>
    public IReadOnlyList<string>? Texts() => List(element => element.Text() ?? "");

    /// <summary>A slice of strings, for which a single string may stand (Docker's <c>strslice</c>); null if it is nil.</summary>
    public IReadOnlyList<string>? Words()
    {
        IReadOnlyList<string>? words = null;
        foreach (JsonElement value in values)
        {
            words = value.ValueKind == JsonValueKind.String ? [TextOf(value)] : new GoValue(document, value, [value]).Texts();
        }

        return words;
    }

    /// <summary>A map; null if it is nil.</summary>
    /// <param name="read">Reads a value.</param>
    public IReadOnlyDictionary<string, T>? Map<T>(Func<GoValue, T> read)
    {
        Dictionary<string, T>? map = null;
        foreach (JsonElement value in values)
        {
            if (value.ValueKind == JsonValueKind.Null)
            {
                map = null;
                continue;
            }

            if (value.ValueKind != JsonValueKind.Object)
            {
                throw Mistyped(value, "an object");
            }

            map ??= [];
            foreach (JsonProperty entry in value.EnumerateObject())
            {
                map[NameOf(entry)] = read(new GoValue(document, entry.Value, [entry.Value]));
            }
        }

        return map;
    }

    /// <summary>A map of strings; null if it is nil.</summary>
    public IReadOnlyDictionary<string, string>? TextMap() => Map(value => value.Text() ?? "");

    /// <summary>The JSON text of the value, exactly as in the document; <c>null</c> if it is absent.</summary>
    public ReadOnlySpan<byte> Raw() => values.Count > 0 ? JsonMarshal.GetRawUtf8Value(values[^1]) : "null"u8;

    internal static string NameOf(JsonProperty member) => GoText.Unescape(JsonMarshal.GetRawUtf8PropertyName(member));

    private static string TextOf(JsonElement value) => GoText.Unescape(JsonMarshal.GetRawUtf8Value(value)[1..^1]);

    private IEnumerable<GoValue> Elements(JsonElement list)
    {
        GoDocument of = document;
        return list.EnumerateArray().Select(element => new GoValue(of, element, [element]));
    }

    // A null leaves the previous value, as Go does for everything except pointers, maps and slices.
    private List<JsonElement> OfKind(string expected, params ReadOnlySpan<JsonValueKind> kinds)
    {
        List<JsonElement> found = [];
        foreach (JsonElement value in values)
        {
            if (kinds.Contains(value.ValueKind))
            {
                found.Add(value);
            }
            else if (value.ValueKind != JsonValueKind.Null)
            {
                throw Mistyped(value, expected);
            }
        }

        return found;
    }

    private List<JsonElement> ObjectsSinceNull()
    {
        List<JsonElement> found = [];
        foreach (JsonElement value in values)
        {
            if (value.ValueKind == JsonValueKind.Null)
            {
                found.Clear();
            }
            else
            {
                found.Add(value.ValueKind == JsonValueKind.Object ? value : throw Mistyped(value, "an object"));
            }
        }

        return found;
    }

    private MalformedDataException Mistyped(JsonElement value, string expected) =>
        document.Refuse(value, $"is {Kind(value.ValueKind)}, expected {expected}");

    private static string Kind(JsonValueKind kind) => kind switch
    {
        JsonValueKind.Object => "an object",
        JsonValueKind.Array => "a list",
        JsonValueKind.String => "a string",
        JsonValueKind.Number => "a number",
        JsonValueKind.Null => "null",
        _ => "true or false",
    };
}
