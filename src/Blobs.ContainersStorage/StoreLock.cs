using System.Buffers.Binary;
using System.Security.Cryptography;
using Blobs.Errors;
using Blobs.Files.Internal;

namespace Blobs.ContainersStorage;

/// <summary>
/// One of the store's locks, as podman and the others take them. Its file begins with a record of the last write, by
/// which running processes notice that they must read the documents again.
/// </summary>
internal sealed class StoreLock : IDisposable
{
    private const int ReadOnlyFileSystem = 30;
    private const int RecordBytes = 64;
    private const UnixFileMode FileMode = SmallFile.Readable;

    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(10);
    private static long counter;

    private readonly string _path;
    private readonly RecordLock? _taken;

    private StoreLock(string path, RecordLock? taken)
    {
        _path = path;
        _taken = taken;
    }

    /// <summary>Waits for a lock.</summary>
    /// <param name="path">The lock's file; it is created when it is missing and the store can be written.</param>
    /// <param name="isExclusive">To write.</param>
    /// <param name="wait">How long to wait; null waits forever.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <exception cref="RootBusyException">Another process holds it for longer.</exception>
    public static async Task<StoreLock> TakeAsync(
        string path, bool isExclusive, TimeSpan? wait, CancellationToken cancellationToken)
    {
        long start = Environment.TickCount64;
        while (true)
        {
            if (TryTake(path, isExclusive, wait, start) is { } taken)
            {
                return taken;
            }

            await Task.Delay(Pause, cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>Waits for a lock on this thread, to read.</summary>
    public static StoreLock TakeShared(string path, TimeSpan? wait, CancellationToken cancellationToken)
    {
        long start = Environment.TickCount64;
        while (true)
        {
            if (TryTake(path, isExclusive: false, wait, start) is { } taken)
            {
                return taken;
            }

            cancellationToken.WaitHandle.WaitOne(Pause);
            cancellationToken.ThrowIfCancellationRequested();
        }
    }

    /// <summary>Records a write. Call it before the document is replaced.</summary>
    public void RecordWrite()
    {
        Span<byte> record = stackalloc byte[RecordBytes];
        RandomNumberGenerator.Fill(record);
        long nanoseconds = (DateTime.UtcNow - DateTime.UnixEpoch).Ticks * TimeSpan.NanosecondsPerTick;
        BinaryPrimitives.WriteInt64LittleEndian(record, nanoseconds);
        BinaryPrimitives.WriteInt64LittleEndian(record[sizeof(long)..], Interlocked.Increment(ref counter));
        BinaryPrimitives.WriteInt32LittleEndian(record[(2 * sizeof(long))..], Environment.ProcessId);
        _taken!.Write(record, _path);
    }

    public void Dispose() => _taken?.Dispose();

    // Null while another process holds it, until the wait is over.
    private static StoreLock? TryTake(string path, bool isExclusive, TimeSpan? wait, long start)
    {
        int errno = TryTake(path, isExclusive, out RecordLock? taken);
        if (errno == Errno.None)
        {
            return new StoreLock(path, taken);
        }

        if (errno != Errno.Again)
        {
            throw Errno.Error("lock", errno, path);
        }

        return wait is { } limit && Environment.TickCount64 - start >= limit.TotalMilliseconds
            ? throw new RootBusyException(path, null, $"{path}: another process holds this lock of the store")
            : null;
    }

    // A reader of a store that it cannot write does without a lock that is not there: nobody else can write it either.
    private static int TryTake(string path, bool isExclusive, out RecordLock? taken)
    {
        int errno = RecordLock.TryTake(path, isExclusive, FileMode, out taken);
        if (isExclusive || errno is not (Errno.AccessDenied or Errno.NotPermitted or ReadOnlyFileSystem or Errno.NotFound))
        {
            return errno;
        }

        errno = RecordLock.TryTake(path, isExclusive, newMode: null, out taken);
        return errno == Errno.NotFound ? Errno.None : errno;
    }
}
