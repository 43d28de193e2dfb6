using System.Buffers;
using System.ComponentModel;
using System.Globalization;
using System.Text;

namespace Blobs.Json.Internal;

/// <summary>
/// Writes a JSON document byte for byte as Go's encoding/json does: members in the order of the calls, no white space, strings
/// escaped for HTML. Engines hash the text of their documents, so any other formatting would change ids.
/// </summary>
[EditorBrowsable(EditorBrowsableState.Never)]
public sealed class GoJsonWriter
{
    private readonly ArrayBufferWriter<byte> _target = new(512);

    // Whether the next value or name is the first one after its bracket or colon, so that no comma precedes it.
    private bool _isFirst = true;

    public ReadOnlySpan<byte> Written => _target.WrittenSpan;

    public byte[] ToArray() => _target.WrittenSpan.ToArray();

    public void BeginObject() => Open((byte)'{');

    public void EndObject() => Close((byte)'}');

    public void BeginArray() => Open((byte)'[');

    public void EndArray() => Close((byte)']');

    public void Name(string name)
    {
        WriteSeparator();
        Quote(name);
        _target.Write(":"u8);
        _isFirst = true;
    }

    public void String(string value)
    {
        WriteSeparator();
        Quote(value);
    }

    public void Number(long value) => Raw(Encoding.ASCII.GetBytes(value.ToString(CultureInfo.InvariantCulture)));

    public void Boolean(bool value) => Raw(value ? "true"u8 : "false"u8);

    public void Null() => Raw("null"u8);

    /// <summary>Writes a value that is JSON already.</summary>
    public void Raw(ReadOnlySpan<byte> json)
    {
        WriteSeparator();
        _target.Write(json);
    }

    /// <summary>Writes an array of strings; null becomes <c>null</c>, like Go's nil slice.</summary>
    public void Strings(IEnumerable<string>? values)
    {
        if (values is null)
        {
            Null();
            return;
        }

        BeginArray();
        foreach (string value in values)
        {
            String(value);
        }

        EndArray();
    }

    /// <summary>Writes an object of strings, its names sorted by bytes; null becomes <c>null</c>, like Go's nil map.</summary>
    public void Map(IReadOnlyDictionary<string, string>? values)
    {
        if (values is null)
        {
            Null();
            return;
        }

        BeginObject();
        foreach (KeyValuePair<string, string> item in values.OrderBy(item => item.Key, GoOrder.Instance))
        {
            Name(item.Key);
            String(item.Value);
        }

        EndObject();
    }

    /// <summary>Writes a set as Go writes <c>map[string]struct{}</c>: an object of empty objects, sorted by bytes.</summary>
    public void Set(IEnumerable<string>? names)
    {
        if (names is null)
        {
            Null();
            return;
        }

        BeginObject();
        foreach (string name in names.Order(GoOrder.Instance))
        {
            Name(name);
            Raw("{}"u8);
        }

        EndObject();
    }

    /// <summary>Writes an object of members that are JSON already. Members without a value are omitted, like Go's
    /// <c>omitempty</c>.</summary>
    /// <param name="members">The members that the caller knows, in order.</param>
    /// <param name="unknown">Members that it does not know; each is written after the known member that it followed.</param>
    public void Object(IEnumerable<(string Name, byte[]? Json)> members, UnknownMembers? unknown = null)
    {
        unknown ??= UnknownMembers.None;
        BeginObject();
        WriteAll(unknown.After(null));
        foreach ((string Name, byte[]? Json) member in members)
        {
            WriteAll([member]);
            WriteAll(unknown.After(member.Name));
        }

        EndObject();

        void WriteAll(IEnumerable<(string Name, byte[]? Json)> written)
        {
            foreach ((string name, byte[]? value) in written)
            {
                if (value is not null)
                {
                    Name(name);
                    Raw(value);
                }
            }
        }
    }

    /// <summary>The JSON of a single value.</summary>
    public static byte[] Value(Action<GoJsonWriter> write)
    {
        var json = new GoJsonWriter();
        write(json);
        return json.ToArray();
    }

    private void Open(byte bracket)
    {
        WriteSeparator();
        _target.Write([bracket]);
        _isFirst = true;
    }

    private void Close(byte bracket)
    {
        _target.Write([bracket]);
        _isFirst = false;
    }

    private void WriteSeparator()
    {
        if (!_isFirst)
        {
            _target.Write(","u8);
        }

        _isFirst = false;
    }

    private void Quote(string text)
    {
        _target.Write("\""u8);

        // Lone surrogates become U+FFFD, which is what Go writes for invalid UTF-8.
        GoJson.WriteEscaped(_target, Encoding.UTF8.GetBytes(text));
        _target.Write("\""u8);
    }
}
