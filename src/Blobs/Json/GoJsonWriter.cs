using System.Buffers;
using System.Globalization;
using System.Text;

namespace Blobs.Json;

/// <summary>
/// Writes one compact JSON document byte for byte as Go's encoding/json does: members in the order they are written, no space, no
/// newline, strings escaped for HTML. What engines keep on disk is hashed as text, so another serialiser's taste would change ids.
/// </summary>
internal sealed class GoJsonWriter
{
    private readonly ArrayBufferWriter<byte> _target = new(512);

    // Whether the next value or name must be parted from one before it.
    private bool _isFirst = true;

    public ReadOnlySpan<byte> Written => _target.WrittenSpan;

    public byte[] ToArray() => _target.WrittenSpan.ToArray();

    public void BeginObject() => Open((byte)'{');

    public void EndObject() => Close((byte)'}');

    public void BeginArray() => Open((byte)'[');

    public void EndArray() => Close((byte)']');

    public void Name(string name)
    {
        Part();
        Quote(name);
        _target.Write(":"u8);
        _isFirst = true;
    }

    public void String(string value)
    {
        Part();
        Quote(value);
    }

    public void Number(long value) => Raw(Encoding.ASCII.GetBytes(value.ToString(CultureInfo.InvariantCulture)));

    public void Boolean(bool value) => Raw(value ? "true"u8 : "false"u8);

    public void Null() => Raw("null"u8);

    /// <summary>A value that is JSON already.</summary>
    public void Raw(ReadOnlySpan<byte> json)
    {
        Part();
        _target.Write(json);
    }

    /// <summary>An array of strings; <c>null</c> when there is none, as a nil slice.</summary>
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

    /// <summary>An object of strings, its names in bytewise order; <c>null</c> when there is none, as a nil map.</summary>
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

    /// <summary>A set as Go writes <c>map[string]struct{}</c>: an object of empty objects, in bytewise order.</summary>
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

    /// <summary>An object of members that are JSON already. Those without a value are left out, as Go's <c>omitempty</c> does.</summary>
    /// <param name="members">What the writer knows, in order.</param>
    /// <param name="unknown">What it does not know; each stands behind the member that it stood behind.</param>
    public void Object(IEnumerable<(string Name, byte[]? Json)> members, UnknownMembers? unknown = null)
    {
        unknown ??= UnknownMembers.None;
        BeginObject();
        All(unknown.Behind(null));
        foreach ((string Name, byte[]? Json) member in members)
        {
            All([member]);
            All(unknown.Behind(member.Name));
        }

        EndObject();

        void All(IEnumerable<(string Name, byte[]? Json)> written)
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

    /// <summary>One value by itself.</summary>
    public static byte[] Value(Action<GoJsonWriter> write)
    {
        var json = new GoJsonWriter();
        write(json);
        return json.ToArray();
    }

    private void Open(byte bracket)
    {
        Part();
        _target.Write([bracket]);
        _isFirst = true;
    }

    private void Close(byte bracket)
    {
        _target.Write([bracket]);
        _isFirst = false;
    }

    private void Part()
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

        // Lone surrogates become U+FFFD, which is what Go makes of bytes that are no UTF-8.
        GoJson.WriteEscaped(_target, Encoding.UTF8.GetBytes(text));
        _target.Write("\""u8);
    }
}
