using System.Buffers.Binary;
using System.Text.Json;

namespace Blobs.Fuzz;

/// <summary>Mutates inputs: changes bits, bytes and numbers; removes, repeats, moves and splices pieces; inserts words
/// from a dictionary. The same seed gives the same inputs.</summary>
internal sealed class Mutator(Random random, IReadOnlyList<byte[]> words, bool isJson)
{
    private const int BytesMax = 64 << 10;
    private const int PieceMax = 256;

    private static readonly long[] Numbers =
        [-1, 0, 1, 7, 8, 16, 31, 32, 64, 100, 127, 128, 255, 256, 511, 512, 1024, 4096, 32767, 32768, 65535, 65536, int.MaxValue, uint.MaxValue, long.MaxValue];

    private static readonly string[] Values =
    [
        "null", "true", "0", "-1", "1.5", "1e2", "9223372036854775808", "\"\"", "\"x\"", "\"\\ud800\"", "\"\\u0000\"", "[]", "{}", "[null]",
        "[\"a\",null]", "[1]", "{\"a\":null}", "{\"a\":{}}", "{\"a\":1}", "\"2020-02-29T00:00:00,5+01:00\"", "\"2020-02-30T00:00:00Z\"",
    ];

    /// <summary>A mutation of one input, perhaps with a piece of another.</summary>
    public byte[] Mutate(byte[] input, byte[] other)
    {
        var bytes = new List<byte>(input);
        int changes = 1 << random.Next(6);
        for (int i = 0; i < changes; i++)
        {
            Change(bytes, other);
        }

        return bytes.Count > BytesMax ? [.. bytes.Take(BytesMax)] : [.. bytes];
    }

    private void Change(List<byte> bytes, byte[] other)
    {
        if (bytes.Count == 0)
        {
            bytes.Add((byte)random.Next(256));
            return;
        }

        int at = random.Next(bytes.Count);
        if (isJson && random.Next(2) == 0 && ChangeMember(bytes, at))
        {
            return;
        }

        switch (random.Next(words.Count > 0 ? 12 : 10))
        {
            case 0:
                bytes[at] ^= (byte)(1 << random.Next(8));
                break;
            case 1:
                bytes[at] = (byte)random.Next(256);
                break;
            case 2:
                bytes[at] += (byte)random.Next(-16, 17);
                break;
            case 3:
                PutNumber(bytes, at);
                break;
            case 4:
                bytes.RemoveRange(at, Math.Min(bytes.Count - at, random.Next(1, PieceMax)));
                break;
            case 5:
                Insert(bytes, at, [.. bytes.Skip(random.Next(bytes.Count)).Take(random.Next(1, PieceMax))]);
                break;
            case 6:
                Insert(bytes, at, [.. Enumerable.Repeat((byte)random.Next(256), random.Next(1, PieceMax))]);
                break;
            case 7:
                Overwrite(bytes, at, [.. bytes.Skip(random.Next(bytes.Count)).Take(random.Next(1, PieceMax))]);
                break;
            case 8 when other.Length > 0:
                int from = random.Next(other.Length);
                Overwrite(bytes, at, other[from..Math.Min(other.Length, from + random.Next(1, PieceMax))]);
                break;
            case 9 when other.Length > 0:
                bytes.RemoveRange(at, bytes.Count - at);
                bytes.AddRange(other.Skip(random.Next(other.Length)));
                break;
            case 10:
                Insert(bytes, at, words[random.Next(words.Count)]);
                break;
            case 11:
                Overwrite(bytes, at, words[random.Next(words.Count)]);
                break;
        }
    }

    // Changes a member's value, repeats it, or changes the case of its name; the document stays valid JSON.
    private bool ChangeMember(List<byte> bytes, int at)
    {
        byte[] text = [.. bytes];
        int colon = text.AsSpan(at).IndexOf("\":"u8) + at + 1;
        int name = colon > at ? text.AsSpan(0, colon - 1).LastIndexOf((byte)'"') : -1;
        if (name < 0)
        {
            return false;
        }

        int end = EndOfValue(text, colon + 1);
        byte[] value = System.Text.Encoding.ASCII.GetBytes(Values[random.Next(Values.Length)]);
        switch (random.Next(4))
        {
            case 0:
                bytes[name + 1] ^= 0x20;
                break;
            case 1:
                Insert(bytes, name, [.. text[name..(colon + 1)], .. value, (byte)',']);
                break;
            default:
                bytes.RemoveRange(colon + 1, end - colon - 1);
                Insert(bytes, colon + 1, value);
                break;
        }

        return true;
    }

    private static int EndOfValue(byte[] text, int start)
    {
        var reader = new Utf8JsonReader(text.AsSpan(start), new JsonReaderOptions { AllowMultipleValues = true });
        try
        {
            return reader.Read() && reader.TrySkip() ? start + (int)reader.BytesConsumed : start;
        }
        catch (JsonException)
        {
            return start;
        }
    }

    private void PutNumber(List<byte> bytes, int at)
    {
        Span<byte> number = stackalloc byte[sizeof(long)];
        long value = Numbers[random.Next(Numbers.Length)];
        if (random.Next(2) == 0)
        {
            BinaryPrimitives.WriteInt64LittleEndian(number, value);
            Overwrite(bytes, at, number[..(1 << random.Next(4))].ToArray());
        }
        else
        {
            BinaryPrimitives.WriteInt64BigEndian(number, value);
            Overwrite(bytes, at, number[^(1 << random.Next(4))..].ToArray());
        }
    }

    private static void Insert(List<byte> bytes, int at, byte[] piece)
    {
        if (bytes.Count + piece.Length <= BytesMax)
        {
            bytes.InsertRange(at, piece);
        }
    }

    private static void Overwrite(List<byte> bytes, int at, byte[] piece)
    {
        for (int i = 0; i < piece.Length && at + i < bytes.Count; i++)
        {
            bytes[at + i] = piece[i];
        }
    }
}
