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
/// An upload in its own folder. <c>data</c> contains the bytes, <c>startedat</c> the start time. The data file is
/// locked while it is open, so that only one process writes to it. The hash state is saved in
/// <c>hashstates/sha256/LENGTH</c>, where docker-registry keeps its own.
/// </summary>
[SupportedOSPlatform("linux")]
internal sealed class UploadFile : IStoredUpload
{
    private const int HashStateBytesMax = 512;

    private readonly string _folder;
    private readonly SafeFileHandle _file;
    private readonly BlobDirectory _blobs;
    private readonly Durability _durability;
    private readonly List<ReadOnlyMemory<byte>> _pieces = [];
    private bool _isEnded;

    private UploadFile(string folder, SafeFileHandle file, BlobDirectory blobs, Durability durability)
    {
        _folder = folder;
        _file = file;
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
        SafeFileHandle? file = null;
        Errno.Naming("open", DataOf(folder), () => file = Open(folder, FileMode.CreateNew));
        return new UploadFile(folder, file!, blobs, durability);
    }

    public static UploadFile? TryOpen(string folder, BlobDirectory blobs, Durability durability)
    {
        if (!FilePath.IsFile(DataOf(folder)))
        {
            return null;
        }

        try
        {
            return new UploadFile(folder, Open(folder, FileMode.Open), blobs, durability);
        }
        catch (Exception gone) when (gone is FileNotFoundException or DirectoryNotFoundException)
        {
            return null;
        }
        catch (Exception fault) when (Errno.IsTrouble(fault))
        {
            throw Errno.Error("open", fault, DataOf(folder));
        }
        catch (IOException locked)
        {
            throw new UploadBusyException($"{folder}: another process is writing to this upload", locked);
        }
    }

    /// <summary>Reads the hash state that was saved for a length; empty when there is none.</summary>
    public static ReadOnlyMemory<byte> ReadHashState(string folder, long length)
    {
        try
        {
            return SmallFile.TryRead(Path.Combine(folder, RegistryPaths.HashState(length)), HashStateBytesMax);
        }
        catch (StoreException)
        {
            // The file is longer than any hash state, so it is ignored.
            return default;
        }
    }

    public ValueTask<int> ReadAsync(Memory<byte> target, long offset, CancellationToken cancellationToken = default) =>
        ValueTask.FromResult(Read(target.Span, offset));

    public ValueTask<ReadOnlyMemory<byte>> ReadHashStateAsync(CancellationToken cancellationToken = default) =>
        ValueTask.FromResult(ReadHashState(_folder, Length));

    public ValueTask AppendAsync(long offset, ReadOnlySequence<byte> bytes, CancellationToken cancellationToken = default)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(offset, Length);
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
            AtomicFile.ReplaceDeep(
                Path.Combine(_folder, RegistryPaths.HashState(Length)), hashState, TemporaryNames.Registry, _durability == Durability.Full);
        }

        return ValueTask.CompletedTask;
    }

    public ValueTask FinishAsync(Digest digest, CancellationToken cancellationToken = default)
    {
        cancellationToken.ThrowIfCancellationRequested();
        if (_durability != Durability.None)
        {
            FileHandle.FlushToDisk(_file, DataOf(_folder));
        }

        _blobs.Adopt(DataOf(_folder), digest);
        return CancelAsync(cancellationToken);
    }

    public ValueTask CancelAsync(CancellationToken cancellationToken = default)
    {
        _isEnded = true;
        TreeRemover.Remove(_folder);
        _file.Dispose();
        return ValueTask.CompletedTask;
    }

    public ValueTask DisposeAsync()
    {
        if (!_isEnded && !_file.IsClosed && _durability == Durability.Full)
        {
            FileHandle.FlushToDisk(_file, DataOf(_folder));
            DurableDirectory.Flush(_folder);
        }

        _file.Dispose();
        return ValueTask.CompletedTask;
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
