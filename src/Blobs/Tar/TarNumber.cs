namespace Blobs.Tar;

/// <summary>
/// Parses the numbers of tar: octal text, GNU's base-256, and the decimals of pax records. Each method accepts and rejects exactly
/// what Go's archive/tar does, because that decides which layers an engine accepts.
/// </summary>
internal static class TarNumber
{
    /// <summary>A numeric header field: base-256 if its first bit is set, otherwise octal text.</summary>
    public static bool TryParseField(ReadOnlySpan<byte> field, out long value) =>
        (field[0] & 0x80) != 0 ? TryParseBase256(field, out value) : TryParseOctal(field, out value);

    /// <summary>Octal digits, with any spaces and NULs around them; an empty field is 0.</summary>
    public static bool TryParseOctal(ReadOnlySpan<byte> field, out long value)
    {
        value = 0;
        int start = 0;
        while (start < field.Length && field[start] is (byte)' ' or 0)
        {
            start++;
        }

        int end = field.Length;
        while (end > start && field[end - 1] is (byte)' ' or 0)
        {
            end--;
        }

        for (int i = start; i < end && field[i] != 0; i++)
        {
            int digit = field[i] - '0';
            if ((uint)digit > 7 || value >> 60 != 0)
            {
                return false;
            }

            value = (value << 3) | (long)digit;
        }

        return true;
    }

    /// <summary>A decimal number of a pax record: an optional sign and digits.</summary>
    public static bool TryParseDecimal(ReadOnlySpan<byte> text, out long value)
    {
        value = 0;
        bool isNegative = !text.IsEmpty && text[0] == '-';
        ReadOnlySpan<byte> digits = !text.IsEmpty && text[0] is (byte)'-' or (byte)'+' ? text[1..] : text;
        if (digits.IsEmpty)
        {
            return false;
        }

        ulong magnitude = 0;
        ulong most = isNegative ? 1UL << 63 : long.MaxValue;
        foreach (byte character in digits)
        {
            uint digit = character - (uint)'0';
            if (digit > 9 || magnitude > (most - digit) / 10)
            {
                return false;
            }

            magnitude = (magnitude * 10) + digit;
        }

        value = isNegative ? unchecked((long)(0 - magnitude)) : (long)magnitude;
        return true;
    }

    /// <summary>A time of a pax record: seconds, and a fraction of any length, of which nine digits are used.</summary>
    public static bool TryParseTime(ReadOnlySpan<byte> text, out UnixTime time)
    {
        time = default;
        int point = text.IndexOf((byte)'.');
        ReadOnlySpan<byte> whole = point < 0 ? text : text[..point];
        if (!TryParseDecimal(whole, out long seconds))
        {
            return false;
        }

        int nanoseconds = 0;
        if (point >= 0)
        {
            ReadOnlySpan<byte> fraction = text[(point + 1)..];
            for (int i = 0; i < fraction.Length; i++)
            {
                uint digit = fraction[i] - (uint)'0';
                if (digit > 9)
                {
                    return false;
                }

                nanoseconds = i < 9 ? (nanoseconds * 10) + (int)digit : nanoseconds;
            }

            for (int i = fraction.Length; i < 9; i++)
            {
                nanoseconds *= 10;
            }
        }

        // "-1.5" is one and a half seconds before 1970: second -2, plus half a second.
        time = whole[0] == '-' && nanoseconds > 0
            ? new UnixTime(seconds - 1, 1_000_000_000 - nanoseconds)
            : new UnixTime(seconds, nanoseconds);
        return true;
    }

    // Two's complement, big-endian. The top bit only marks the form; the next one is the sign.
    private static bool TryParseBase256(ReadOnlySpan<byte> field, out long value)
    {
        value = 0;
        byte inverted = (field[0] & 0x40) != 0 ? (byte)0xff : (byte)0;
        ulong magnitude = 0;
        for (int i = 0; i < field.Length; i++)
        {
            byte digit = (byte)(field[i] ^ inverted);
            if (i == 0)
            {
                digit &= 0x7f;
            }

            if (magnitude >> 56 != 0)
            {
                return false;
            }

            magnitude = (magnitude << 8) | digit;
        }

        if (magnitude >> 63 != 0)
        {
            return false;
        }

        value = inverted != 0 ? ~(long)magnitude : (long)magnitude;
        return true;
    }
}
