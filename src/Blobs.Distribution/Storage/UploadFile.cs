using System.Buffers;
using System.Globalization;
using System.Runtime.Versioning;
using System.Text;
using Blobs.BlobDirectories;
using Blobs.Errors;
using Blobs.Files;
using Blobs.Files.Internal;
using Blobs.Hashing;
using Microsoft.Win32.SafeHandles;

namespace Blobs.Distribution.Storage;

/// <summary>
/// An upload in its own folder. <c>data</c> contains the bytes, <c>startedat</c> the start time. The folder is locked while
/// the upload is open, so that one request at a time writes to it, whichever process serves it.
/// </summary>
[SupportedOSPlatform("linux")]
internal sealed class UploadFile : IStoredUpload
{
    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(1);
    private static readonly TimeSpan LongestPause = TimeSpan.FromMilliseconds(50);

    private readonly string _folder;
    private readonly FileLock? _lock;
    private readonly SafeFileHandle _file;
    private readonly UploadHashStates _hashStates;
    private readonly BlobDirectory _blobs;
    private readonly Durability _durability;
    private readonly List<ReadOnlyMemory<byte>> _pieces = [];
    private bool _isPublished;
    private bool _isEnded;

    private UploadFile(string folder, FileLock? held, SafeFileHandle file, BlobDirectory blobs, Durability durability)
    {
        _folder = folder;
        _lock = held;
        _file = file;
        _hashStates = new UploadHashStates(folder, durability);
        _blobs = blobs;
        _durability = durability;
        Length = RandomAccess.GetLength(file);
    }

    public long Length { get; private set; }

    public static UploadFile Create(string folder, DateTimeOffset startedAt, BlobDirectory blobs, Durability durability)
    {
        DurableDirectory.Ensure(folder, durability == Durability.Full);

        // RFC 3339 in whole seconds, as Go writes it.
        string text = startedAt.ToUniversalTime().ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);
        string startedAtFile = Path.Combine(folder, RegistryPaths.StartedAt);
        AtomicFile.Replace(
            startedAtFile, Encoding.ASCII.GetBytes(text), TemporaryNames.Registry, mode: null, isDurable: durability == Durability.Full);
        // Nobody else knows the upload yet.
        _ = FileLock.TryTake(folder, isExclusive: true, out FileLock? held);
        SafeFileHandle? file = null;
        try
        {
            Errno.Naming("open", DataOf(folder), () => file = Open(folder, FileMode.CreateNew));
            return new UploadFile(folder, held, file!, blobs, durability);
        }
        catch
        {
            held?.Dispose();
            throw;
        }
    }

    /// <summary>Opens an upload, when every request that came before has let go of it; null when it does not
    /// exist.</summary>
    public static async ValueTask<UploadFile?> TryOpenAsync(
        string folder, BlobDirectory blobs, Durability durability, CancellationToken cancellationToken)
    {
        for (TimeSpan pause = FirstPause; ; pause = pause < LongestPause ? 2 * pause : pause)
        {
            cancellationToken.ThrowIfCancellationRequested();
            int errno = FileLock.TryTake(folder, isExclusive: true, out FileLock? held);
            switch (errno)
            {
                case Errno.None:

                // A file system without locks: one process at a time has to do.
                case Errno.NotSupported or Errno.NotImplemented or Errno.NoLocks:
                    return TryOpen(folder, held, blobs, durability);
                case Errno.NotFound or Errno.NotDirectory:
                    return null;
                case Errno.Again:
                    await Task.Delay(pause, cancellationToken).ConfigureAwait(false);
                    break;
                default:
                    throw Errno.Error("lock", errno, folder);
            }
        }
    }

    public ValueTask<int> ReadAsync(Memory<byte> target, long offset, CancellationToken cancellationToken = default) =>
        ValueTask.FromResult(Read(target.Span, offset));

    public ValueTask<ReadOnlyMemory<byte>> ReadHashStateAsync(CancellationToken cancellationToken = default) =>
        ValueTask.FromResult(_hashStates.Read(Length));

    public ValueTask AppendAsync(long offset, ReadOnlySequence<byte> bytes, CancellationToken cancellationToken = default)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(offset, Length);
        ObjectDisposedException.ThrowIf(_isPublished, this);
        try
        {
            Write(bytes);
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            throw Errno.Error("write", fault, DataOf(_folder));
        }

        Length += bytes.Length;
        return ValueTask.CompletedTask;
    }

    public ValueTask SaveAsync(ReadOnlyMemory<byte> hashState, CancellationToken cancellationToken = default)
    {
        // Written bytes are part of the upload already.
        if (!hashState.IsEmpty)
        {
            FlushWhenFull();
            _hashStates.Write(Length, hashState);
        }

        return ValueTask.CompletedTask;
    }

    // A rename, so that no blob shares its file with an upload that could still grow.
    public ValueTask<bool> PublishAsync(Digest digest, CancellationToken cancellationToken = default)
    {
        cancellationToken.ThrowIfCancellationRequested();
        if (_isPublished)
        {
            return ValueTask.FromResult(_blobs.Contains(digest));
        }

        if (_durability != Durability.None)
        {
            FileHandle.FlushToDisk(_file, DataOf(_folder));
        }

        _blobs.Adopt(DataOf(_folder), digest);
        _isPublished = true;
        return ValueTask.FromResult(true);
    }

    public ValueTask CancelAsync(CancellationToken cancellationToken = default)
    {
        _isEnded = true;
        TreeRemover.Remove(_folder);
        Close();
        return ValueTask.CompletedTask;
    }

    public ValueTask DisposeAsync()
    {
        try
        {
            if (!_isEnded && !_isPublished && !_file.IsClosed)
            {
                FlushWhenFull();
            }

            return ValueTask.CompletedTask;
        }
        finally
        {
            Close();
        }
    }

    private static UploadFile? TryOpen(string folder, FileLock? held, BlobDirectory blobs, Durability durability)
    {
        UploadFile? opened = null;
        try
        {
            opened = FilePath.IsFile(DataOf(folder))
                ? new UploadFile(folder, held, Open(folder, FileMode.Open), blobs, durability)
                : null;
            return opened;
        }
        catch (Exception gone) when (gone is FileNotFoundException or DirectoryNotFoundException)
        {
            return null;
        }
        catch (Exception fault) when (fault is not BlobsException && Errno.IsTrouble(fault))
        {
            throw Errno.Error("open", fault, DataOf(folder));
        }
        catch (IOException locked)
        {
            // Not by this library: it locks the folder.
            throw new UploadBusyException($"{folder}: another program is writing to this upload", locked);
        }
        finally
        {
            if (opened is null)
            {
                held?.Dispose();
            }
        }
    }

    private void FlushWhenFull()
    {
        if (_durability == Durability.Full)
        {
            FileHandle.FlushToDisk(_file, DataOf(_folder));
            DurableDirectory.Flush(_folder);
        }
    }

    private void Close()
    {
        _file.Dispose();
        _lock?.Dispose();
    }

    // Readers do no harm: the reference registry reads uploads too.
    private static SafeFileHandle Open(string folder, FileMode mode) =>
        File.OpenHandle(DataOf(folder), mode, FileAccess.ReadWrite, FileShare.None);

    private static string DataOf(string folder) => Path.Combine(folder, RegistryPaths.Data);

    private int Read(Span<byte> target, long offset)
    {
        try
        {
            return RandomAccess.Read(_file, target, offset);
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            throw Errno.Error("read", fault, DataOf(_folder));
        }
    }

    private void Write(ReadOnlySequence<byte> bytes)
    {
        if (bytes.IsSingleSegment)
        {
            RandomAccess.Write(_file, bytes.FirstSpan, Length);
            return;
        }

        _pieces.Clear();
        foreach (ReadOnlyMemory<byte> piece in bytes)
        {
            _pieces.Add(piece);
        }

        RandomAccess.Write(_file, _pieces, Length);
    }
}
