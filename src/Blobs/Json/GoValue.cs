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
    public string? Text() => Last("a string", JsonValueKind.String) is { } value ? TextOf(value) : null;

    /// <summary>A boolean.</summary>
    public bool Flag() => Last("true or false", JsonValueKind.True, JsonValueKind.False)?.GetBoolean() ?? false;

    /// <summary>A pointer to an integer.</summary>
    public long? NumberIfAny()
    {
        long number = Number();
        return IsThere ? number : null;
    }

    /// <summary>An integer of 64 bits; a fraction or an exponent makes it another number.</summary>
    public long Number() => Integer(long.MinValue, long.MaxValue);

    /// <summary>An integer within bounds.</summary>
    public long Integer(long min, long max)
    {
        const string Expected = "an integer";
        if (Last(Expected, JsonValueKind.Number) is not { } value)
        {
            return 0;
        }

        return !value.TryGetInt64(out long number)
            ? throw document.Refuse(value, "is no integer of 64 bits")
            : number >= min && number <= max
                ? number
                : throw document.Refuse(value, $"is {number}, expected {Expected} from {min} to {max}");
    }

    /// <summary>An integer of 64 bits without a sign.</summary>
    public ulong Unsigned() => Last("an integer", JsonValueKind.Number) is not { } value
        ? 0
        : value.TryGetUInt64(out ulong number) ? number : throw document.Refuse(value, "is no integer of 64 bits without a sign");

    /// <summary>A number of any kind.</summary>
    public double? RealIfAny() => Last("a number", JsonValueKind.Number) is { } value
        ? value.TryGetDouble(out double number) && double.IsFinite(number) ? number : throw document.Refuse(value, "is too large a number")
        : null;

    /// <summary>A time, RFC 3339, as the document has it.</summary>
    public string? Time()
    {
        if (Last("a time", JsonValueKind.String) is not { } value)
        {
            return null;
        }

        // Go looks at the document's own characters: an escape is none of a time's.
        string text = Encoding.UTF8.GetString(JsonMarshal.GetRawUtf8Value(value)[1..^1]);
        return GoTime.Normalize(text) is not null ? text : throw document.Refuse(value, "is no time, expected one as in RFC 3339");
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
    public GoObject? ObjectIfAny() => SinceNull(JsonValueKind.Object, "an object") is { Count: > 0 } objects
        ? new GoObject(document, objects[^1], objects)
        : null;

    /// <summary>A list; null when it is nil.</summary>
    /// <param name="read">Reads an element.</param>
    public IReadOnlyList<T>? List<T>(Func<GoValue, T> read)
    {
        if (SinceNull(JsonValueKind.Array, "a list") is not { Count: > 0 } lists)
        {
            return null;
        }

        var list = new List<T>(lists[^1].GetArrayLength());
        foreach (JsonElement element in lists[^1].EnumerateArray())
        {
            list.Add(read(new GoValue(document, element, [element])));
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
        if (SinceNull(JsonValueKind.Object, "an object") is not { Count: > 0 } maps)
        {
            return null;
        }

        var map = new Dictionary<string, T>();
        foreach (JsonElement entries in maps)
        {
            foreach (JsonProperty entry in entries.EnumerateObject())
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

    // Null leaves what was read before, as Go does for everything that is no pointer.
    private JsonElement? Last(string expected, params ReadOnlySpan<JsonValueKind> kinds)
    {
        JsonElement? last = null;
        foreach (JsonElement value in values)
        {
            if (kinds.Contains(value.ValueKind))
            {
                last = value;
            }
            else if (value.ValueKind != JsonValueKind.Null)
            {
                throw Mistyped(value, expected);
            }
        }

        return last;
    }

    private List<JsonElement> SinceNull(JsonValueKind kind, string expected)
    {
        List<JsonElement> found = [];
        foreach (JsonElement value in values)
        {
            if (value.ValueKind == kind)
            {
                found.Add(value);
            }
            else if (value.ValueKind == JsonValueKind.Null)
            {
                found.Clear();
            }
            else
            {
                throw Mistyped(value, expected);
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
