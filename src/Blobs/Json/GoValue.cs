using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;
using Blobs.Errors;

namespace Blobs.Json;

/// <summary>
/// A member of an object, with everything that stands under its name, or an element of a list. Each way to read it is one of Go's types;
/// what is absent, or <c>null</c>, is that type's zero value.
/// </summary>
/// <param name="document">Says what is wrong.</param>
/// <param name="owner">Where to say that something is missing.</param>
/// <param name="values">All that stand under the name, in the document's order.</param>
internal readonly struct GoValue(GoDocument document, JsonElement owner, IReadOnlyList<JsonElement> values)
{
    /// <summary>Whether there is anything but <c>null</c>: what a pointer, a map or a list is when it is not nil.</summary>
    public bool IsThere => values.Count > 0 && values[^1].ValueKind != JsonValueKind.Null;

    /// <summary>A string; null when there is none, which in Go is the empty one.</summary>
    public string? Text()
    {
        string? text = null;
        foreach (JsonElement value in OfKind("a string", JsonValueKind.String))
        {
            text = TextOf(value);
        }

        return text;
    }

    /// <summary>A string; null also for the empty one, where nothing else is meant by it.</summary>
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

    /// <summary>An integer of 64 bits; a fraction or an exponent makes it another number.</summary>
    public long Number()
    {
        long number = 0;
        foreach (JsonElement value in OfKind("an integer", JsonValueKind.Number))
        {
            if (!value.TryGetInt64(out number))
            {
                throw document.Refuse(value, "is no integer of 64 bits");
            }
        }

        return number;
    }

    /// <summary>A pointer to an integer.</summary>
    public long? NumberIfAny()
    {
        long number = Number();
        return IsThere ? number : null;
    }

    /// <summary>An integer of 64 bits without a sign.</summary>
    public ulong Unsigned(ulong max = ulong.MaxValue)
    {
        ulong number = 0;
        foreach (JsonElement value in OfKind("an integer", JsonValueKind.Number))
        {
            if (!value.TryGetUInt64(out number) || number > max)
            {
                throw document.Refuse(value, $"is no integer from 0 to {max}");
            }
        }

        return number;
    }

    /// <summary>A number of any kind.</summary>
    public double? RealIfAny()
    {
        double? number = null;
        foreach (JsonElement value in OfKind("a number", JsonValueKind.Number))
        {
            number = value.TryGetDouble(out double real) && double.IsFinite(real)
                ? real
                : throw document.Refuse(value, "is too large a number");
        }

        return number;
    }

    /// <summary>A time, RFC 3339, as the document has it.</summary>
    public string? Time()
    {
        string? time = null;
        foreach (JsonElement value in OfKind("a time", JsonValueKind.String))
        {
            // Go looks at the document's own characters: an escape is none of a time's.
            time = Encoding.UTF8.GetString(JsonMarshal.GetRawUtf8Value(value)[1..^1]);
            if (GoTime.Normalize(time) is null)
            {
                throw document.Refuse(value, "is no time, expected one as in RFC 3339");
            }
        }

        return time;
    }

    /// <summary>Text that must be something: a digest, for instance.</summary>
    /// <param name="expected">What it must be, for the error.</param>
    public T Parsed<T>(string expected)
        where T : IParsable<T> => T.TryParse(Text(), null, out T? parsed)
        ? parsed
        : throw document.Refuse(values.Count > 0 ? values[^1] : owner, $"expected {expected}");

    /// <summary>As <see cref="Parsed{T}"/>, but null where the text is something else.</summary>
    public T? ParsedIfAny<T>()
        where T : struct, IParsable<T> => T.TryParse(Text(), null, out T parsed) ? parsed : null;

    /// <summary>A struct; one that is not there has no members.</summary>
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

    /// <summary>A pointer to a struct: <c>null</c> makes it nil, and what stood there before is forgotten.</summary>
    public GoObject? ObjectIfAny() => ObjectsSinceNull() is { Count: > 0 } objects
        ? new GoObject(document, objects[^1], objects)
        : null;

    /// <summary>A list; null when it is nil.</summary>
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

    /// <summary>A list of strings; null when it is nil.</summary>
    public IReadOnlyList<string>? Texts() => List(element => element.Text() ?? "");

    /// <summary>A list of strings that may be one string (Docker's <c>strslice</c>); null when it is nil.</summary>
    public IReadOnlyList<string>? Words()
    {
        IReadOnlyList<string>? words = null;
        foreach (JsonElement value in values)
        {
            words = value.ValueKind == JsonValueKind.String ? [TextOf(value)] : new GoValue(document, value, [value]).Texts();
        }

        return words;
    }

    /// <summary>A map; null when it is nil.</summary>
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

    /// <summary>A map of strings; null when it is nil.</summary>
    public IReadOnlyDictionary<string, string>? TextMap() => Map(value => value.Text() ?? "");

    /// <summary>The document's own JSON; <c>null</c> when there is none.</summary>
    public ReadOnlySpan<byte> Raw() => values.Count > 0 ? JsonMarshal.GetRawUtf8Value(values[^1]) : "null"u8;

    internal static string NameOf(JsonProperty member) => GoText.Unescape(JsonMarshal.GetRawUtf8PropertyName(member));

    private static string TextOf(JsonElement value) => GoText.Unescape(JsonMarshal.GetRawUtf8Value(value)[1..^1]);

    private IEnumerable<GoValue> Elements(JsonElement list)
    {
        GoDocument of = document;
        return list.EnumerateArray().Select(element => new GoValue(of, element, [element]));
    }

    // Null leaves what was read before, as Go does for everything that is no pointer.
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
