using Blobs.Hashing;

namespace Blobs.Distribution.Storage;

/// <summary>
/// Finds every possible digest in a document: <c>sha256:</c> or <c>sha512:</c> followed by hex digits, at any position.
/// It is meant for documents of any length that do not parse, and reads them in pieces. It decodes JSON escapes and
/// skips zero bytes (UTF-16), so that it finds every digest that another reader might see.
/// </summary>
internal sealed class NamedDigests
{
    private const int PrefixLength = 7;
    private const int EscapeLength = 6;
    private const int HexOf256 = 64;
    private const int HexOf512 = 128;

    private readonly HashSet<Digest> _found = [];
    private readonly char[] _text = new char[PrefixLength + HexOf512];
    private readonly byte[] _escape = new byte[EscapeLength];
    private int _length;
    private int _escapeLength;

    public IReadOnlyCollection<Digest> Found => _found;

    public static IReadOnlyCollection<Digest> In(ReadOnlySpan<byte> document)
    {
        var named = new NamedDigests();
        named.Read(document);
        return named.Found;
    }

    /// <summary>Reads the next piece.</summary>
    public void Read(ReadOnlySpan<byte> piece)
    {
        foreach (byte letter in piece)
        {
            if (letter != 0)
            {
                Unescape(letter);
            }
        }
    }

    // A JSON reader decodes the six characters \u0061 to the letter a.
    private void Unescape(byte letter)
    {
        if (_escapeLength == 0 && letter != '\\')
        {
            Match((char)letter);
            return;
        }

        bool isExpected = _escapeLength switch
        {
            0 => true,
            1 => letter == 'u',
            _ => char.IsAsciiHexDigit((char)letter),
        };
        if (!isExpected)
        {
            _escapeLength = 0;
            _length = 0;
            Unescape(letter);
            return;
        }

        _escape[_escapeLength++] = letter;
        if (_escapeLength == EscapeLength)
        {
            _escapeLength = 0;
            Match((char)ushort.Parse(_escape.AsSpan(2), System.Globalization.NumberStyles.AllowHexSpecifier, null));
        }
    }

    private void Match(char letter)
    {
        if (!Continues(letter))
        {
            _length = 0;
            if (letter != 's')
            {
                return;
            }
        }

        _text[_length++] = letter;
        if (_length == PrefixLength + (_text[3] == '2' ? HexOf256 : HexOf512))
        {
            if (Digest.TryParse(_text.AsSpan(0, _length), null, out Digest digest))
            {
                _found.Add(digest);
            }

            _length = 0;
        }
    }

    private bool Continues(char letter) => _length switch
    {
        0 => letter == 's',
        1 => letter == 'h',
        2 => letter == 'a',
        3 => letter is '2' or '5',
        4 => letter == (_text[3] == '2' ? '5' : '1'),
        5 => letter == (_text[3] == '2' ? '6' : '2'),
        6 => letter == ':',
        _ => char.IsAsciiHexDigitLower(letter),
    };
}
