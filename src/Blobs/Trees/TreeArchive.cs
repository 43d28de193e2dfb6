using Blobs.Buffers;
using Blobs.Errors;
using Blobs.Errors.Internal;
using Blobs.Files;
using Blobs.Files.Internal;
using Blobs.Tar;

namespace Blobs.Trees;

/// <summary>
/// The tar of a change, made as it is read. It is header for header what dockerd makes on commit (moby, pkg/archive).
/// Memory does not depend on the size of the tree.
/// </summary>
public sealed partial class TreeArchive : ITarSource, IDisposable
{
    private readonly DirectoryHandle _root;
    private readonly DirectoryCache _directories;
    private readonly OwnerMap _owners;
    private readonly IEnumerator<TreeChange> _changes;
    private readonly TarWriter _writer;
    private readonly PendingBytes _framing = new();
    private readonly SafePath _path;
    private int _file = -1;
    private long _remaining;
    private bool _isComplete;

    /// <param name="root">The changed tree; disposed with this.</param>
    /// <param name="changes">The entries that go into the archive.</param>
    /// <param name="isOverlayForm">Whether the tree is an overlayfs upper directory, with overlayfs's own
    /// whiteouts.</param>
    /// <param name="form">The Docker version whose form it has.</param>
    /// <param name="limits">Limits on names.</param>
    /// <param name="owners">Maps the tree's owners to those in the archive; no mapping when null.</param>
    public TreeArchive(
        DirectoryHandle root,
        IEnumerable<TreeChange> changes,
        bool isOverlayForm,
        DiffForm form,
        Limits limits,
        OwnerMap? owners = null)
    {
        _owners = owners ?? OwnerMap.None;
        _root = root;
        _directories = new DirectoryCache(root);
        _changes = changes.GetEnumerator();
        _isOverlayForm = isOverlayForm;
        _form = form;
        _names = form == DiffForm.Engine20 ? new OwnerNames() : null;
        _writer = new TarWriter(_framing);
        _path = new SafePath(limits);
    }

    /// <summary>Members so far.</summary>
    public long EntryCount { get; private set; }

    /// <inheritdoc/>
    public int Read(Span<byte> target)
    {
        int total = 0;
        while (total < target.Length)
        {
            int read = _framing.Take(target[total..]);
            read = read > 0 ? read : ReadPayload(target[total..]);
            total += read;
            if (read == 0 && !Advance())
            {
                break;
            }
        }

        return total;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        CloseFile();
        _changes.Dispose();
        _directories.Dispose();
        _root.Dispose();
    }

    private void BeginMember(TarMember member)
    {
        _writer.Begin(member);
        EntryCount++;
    }

    // Everything so far has been read: begin the next member, or end the archive.
    private bool Advance()
    {
        if (_isComplete)
        {
            return false;
        }

        if (_changes.MoveNext())
        {
            Begin(_changes.Current);
        }
        else
        {
            _writer.Complete();
            _isComplete = true;
        }

        return true;
    }

    private int ReadPayload(Span<byte> buffer)
    {
        if (_file < 0)
        {
            return 0;
        }

        int read = FileHandle.Read(_file, buffer[..(int)Math.Min(buffer.Length, _remaining)], out int errno);
        Errno.ThrowIfSet("read", errno, _path.ToArray());
        if (read == 0)
        {
            throw new StoreException(
                Printable.Quote(_path.ToArray()), $"{Printable.Quote(_path.ToArray())} shrank while it was being read");
        }

        _writer.SkipPayload(read);
        _remaining -= read;
        if (_remaining == 0)
        {
            CloseFile();
            _writer.End();
        }

        return read;
    }

    private void CloseFile()
    {
        if (_file >= 0)
        {
            FileHandle.Close(_file);
            _file = -1;
        }
    }
}
