using Blobs.Errors;
using Blobs.Errors.Internal;
using Blobs.TarSplit;

namespace Blobs.Erofs;

/// <summary>Gives the content of an image's files, by their names in the layer's tar.</summary>
internal sealed class ErofsFiles(ErofsImage image) : IFileSource
{
    private const int LinksMax = 40;
    private const byte Slash = (byte)'/';

    private byte[]? _parentPath;
    private ErofsNode _parent;
    private ErofsNode _file;
    private long _position;

    /// <inheritdoc/>
    public void Open(ReadOnlySpan<byte> name)
    {
        ReadOnlySpan<byte> path = name.TrimEnd(Slash);
        int slash = path.LastIndexOf(Slash);
        ReadOnlySpan<byte> parent = slash < 0 ? [] : path[..slash];
        if (_parentPath is null || !parent.SequenceEqual(_parentPath))
        {
            _parent = Walk(parent, name);
            _parentPath = parent.ToArray();
        }

        _file = image.Find(_parent, path[(slash + 1)..]) ?? throw Missing(name, "is not in the image");
        _position = 0;
        if (!_file.IsRegular)
        {
            throw Missing(name, "is not a regular file");
        }
    }

    /// <inheritdoc/>
    public int Read(Span<byte> target)
    {
        int read = image.Read(_file, _position, target);
        _position += read;
        return read;
    }

    // The kernel's way below this root: links are followed, and nothing leads above the root.
    private ErofsNode Walk(ReadOnlySpan<byte> path, ReadOnlySpan<byte> name)
    {
        ErofsNode directory = image.Root;
        byte[] rest = path.ToArray();
        int links = 0;
        for (int start = 0; start < rest.Length;)
        {
            int slash = Array.IndexOf(rest, Slash, start);
            int end = slash < 0 ? rest.Length : slash;
            ReadOnlySpan<byte> component = rest.AsSpan(start, end - start);
            start = Math.Min(end + 1, rest.Length);
            if (component.IsEmpty)
            {
                continue;
            }

            ErofsNode found = image.Find(directory, component) ?? throw Missing(name, "is not in the image");
            if (found.IsSymlink)
            {
                if (++links > LinksMax)
                {
                    throw Missing(name, "is below a loop of links");
                }

                byte[] target = TargetOf(found, name);
                directory = target[0] == Slash ? image.Root : directory;
                rest = [.. target, Slash, .. rest.AsSpan(start)];
                start = 0;
                continue;
            }

            directory = found.IsDirectory ? found : throw Missing(name, "is below something that is not a directory");
        }

        return directory;
    }

    private byte[] TargetOf(in ErofsNode link, ReadOnlySpan<byte> name)
    {
        byte[] target = link.Size is > 0 and <= ErofsFormat.SymlinkBytesMax
            ? new byte[link.Size]
            : throw Missing(name, "is below a link without a target");
        image.Read(link, 0, target);
        return target;
    }

    private static StoreException Missing(ReadOnlySpan<byte> name, string why)
    {
        string shown = Printable.Quote(name);
        return new StoreException(shown, $"{shown} {why}");
    }
}
