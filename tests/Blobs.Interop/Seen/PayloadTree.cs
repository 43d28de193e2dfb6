using System.Text;

namespace Blobs.Interop.Seen;

/// <summary>
/// The contents that a recording refers to, cut out of the archive itself: a tree to assemble from that needs no unpacker,
/// and so also exists for archives that no unpacker would touch.
/// </summary>
internal static class PayloadTree
{
    /// <summary>Writes the tree; says why when the recording does not cover the archive byte for byte.</summary>
    public static string? Write(TarSplitStream recording, byte[] archive, string folder)
    {
        long offset = 0;
        foreach (TarSplitStream.Entry entry in recording.Entries())
        {
            long length = entry.Segment?.Length ?? entry.Size;
            if (length > archive.Length - offset)
            {
                return $"the recording goes on past byte {archive.Length}";
            }

            ReadOnlySpan<byte> bytes = archive.AsSpan((int)offset, (int)length);
            if (entry.Segment is null && length > 0)
            {
                Put(folder, entry.Name, bytes);
            }
            else if (entry.Segment is not null && !bytes.SequenceEqual(entry.Segment))
            {
                return $"a segment at byte {offset} is not what the archive holds there";
            }

            offset += length;
        }

        return offset == archive.Length ? null : $"the recording ends at byte {offset} of {archive.Length}";
    }

    private static void Put(string folder, byte[] name, ReadOnlySpan<byte> content)
    {
        byte[] path = Encoding.UTF8.GetBytes(folder);
        List<byte[]> parts = Clean(name);
        foreach (byte[] part in parts.SkipLast(1))
        {
            path = [.. path, (byte)'/', .. part];
            NativeFiles.MakeFolder(path);
        }

        using FileStream file = NativeFiles.Create([.. path, (byte)'/', .. parts[^1]]);
        file.Write(content);
    }

    // Go's filepath.Clean of an absolute name: ".." never leaves the root.
    private static List<byte[]> Clean(byte[] name)
    {
        var parts = new List<byte[]>();
        int start = 0;
        for (int at = 0; at <= name.Length; at++)
        {
            if (at < name.Length && name[at] != (byte)'/')
            {
                continue;
            }

            byte[] part = name[start..at];
            start = at + 1;
            if (part.AsSpan().SequenceEqual(".."u8))
            {
                parts.RemoveRange(Math.Max(0, parts.Count - 1), Math.Min(1, parts.Count));
            }
            else if (part.Length > 0 && !part.AsSpan().SequenceEqual("."u8))
            {
                parts.Add(part);
            }
        }

        return parts;
    }
}
