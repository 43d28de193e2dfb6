namespace Blobs.Tar;

/// <summary>Path operations on the names of tar entries, which are bytes and not always UTF-8.</summary>
internal static class EntryName
{
    private const byte Slash = (byte)'/';

    /// <summary>
    /// The name as Go's <c>filepath.Clean</c> returns it: without empty, <c>.</c> and inner <c>..</c> components and without a
    /// trailing slash; <c>.</c> for an empty name. tar-split compares names in this form.
    /// </summary>
    /// <param name="name">A name from an archive.</param>
    /// <param name="scratch">At least <c>name.Length + 1</c> bytes, which hold the result when the name has to change.</param>
    public static ReadOnlySpan<byte> Clean(ReadOnlySpan<byte> name, Span<byte> scratch)
    {
        ReadOnlySpan<byte> trimmed = name.EndsWith("/"u8) && name.Length > 1 ? name[..^1] : name;
        return IsClean(trimmed) ? trimmed : Rebuild(name, scratch);
    }

    /// <summary>The last component, without trailing slashes.</summary>
    public static ReadOnlySpan<byte> Base(ReadOnlySpan<byte> name)
    {
        ReadOnlySpan<byte> trimmed = name.TrimEnd(Slash);
        return trimmed[(trimmed.LastIndexOf(Slash) + 1)..];
    }

    private static bool IsClean(ReadOnlySpan<byte> name)
    {
        int componentLength = 0;
        bool isDots = true;
        for (int i = 0; i < name.Length; i++)
        {
            if (name[i] == Slash)
            {
                bool isRoot = i == 0;
                if (!isRoot && isDots && componentLength <= 2)
                {
                    return false;
                }

                componentLength = 0;
                isDots = true;
            }
            else
            {
                componentLength++;
                isDots &= name[i] == (byte)'.';
            }
        }

        return componentLength > 0 && !(isDots && componentLength <= 2);
    }

    private static ReadOnlySpan<byte> Rebuild(ReadOnlySpan<byte> name, Span<byte> scratch)
    {
        bool isRooted = !name.IsEmpty && name[0] == Slash;
        int start = isRooted ? 1 : 0;
        scratch[0] = Slash;
        int length = start;
        int floor = start;
        foreach (Range range in name.Split(Slash))
        {
            ReadOnlySpan<byte> component = name[range];
            if (component.IsEmpty || component.SequenceEqual("."u8))
            {
                continue;
            }

            if (component.SequenceEqual(".."u8))
            {
                if (length > floor)
                {
                    int slash = scratch[floor..length].LastIndexOf(Slash);
                    length = slash < 0 ? floor : floor + slash;
                    continue;
                }

                if (isRooted)
                {
                    continue;
                }
            }

            if (length > start)
            {
                scratch[length++] = Slash;
            }

            component.CopyTo(scratch[length..]);
            length += component.Length;
            if (component.SequenceEqual(".."u8))
            {
                // A ".." above the start stays: a later ".." must not remove it.
                floor = length;
            }
        }

        return length == 0 ? "."u8 : scratch[..length];
    }
}
