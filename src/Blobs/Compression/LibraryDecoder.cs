using System.Buffers;
using System.Runtime.ExceptionServices;
using Blobs.Errors;
using Blobs.Streams;

namespace Blobs.Compression;

/// <summary>
/// bzip2 and xz by SharpCompress: any number of streams one after another, every check value verified. The library pulls from a stream,
/// so it runs on a thread of its own, and the two take turns: never do both work at once. Zeros may follow up to the end, as with gzip;
/// anything else is a fault.
/// </summary>
internal sealed class LibraryDecoder : Decoder
{
    private const int ChunkBytes = 64 << 10;

    private readonly LibraryFormat _format;
    private readonly Limits _limits;
    private readonly byte[] _output = new byte[ChunkBytes];
    private readonly SemaphoreSlim _libraryTurn = new(0);
    private readonly SemaphoreSlim _callerTurn = new(0);
    private readonly CancellationTokenSource _stop = new();
    private readonly TrailingData _trailing;
    private readonly Feed _feed;
    private Thread? _thread;
    private Exception? _thrown;
    private int _outputStart;
    private int _outputEnd;
    private long _lastEnd;
    private bool _isEnded;

    public LibraryDecoder(LibraryFormat format, Limits limits)
    {
        _format = format;
        _limits = limits;
        _trailing = new TrailingData(format.Name, "stream");
        _feed = new Feed(this);
    }

    // The library keeps its own window.
    public override int WindowBytes => 0;

    public override OperationStatus Decode(
        ReadOnlySpan<byte> source, Span<byte> target, int position, bool isFinal, out int consumed, out int written)
    {
        consumed = 0;
        written = 0;
        while (Fault == Fault.None)
        {
            int copied = Math.Min(target.Length - position - written, _outputEnd - _outputStart);
            _output.AsSpan(_outputStart, copied).CopyTo(target[(position + written)..]);
            _outputStart += copied;
            written += copied;
            if (_outputStart < _outputEnd)
            {
                return OperationStatus.DestinationTooSmall;
            }

            if (_isEnded)
            {
                return End();
            }

            if (_feed.IsWaiting)
            {
                if (consumed == source.Length && !isFinal)
                {
                    return OperationStatus.NeedMoreData;
                }

                consumed += _feed.Take(source[consumed..]);
            }

            GiveTurn();
        }

        return OperationStatus.InvalidData;
    }

    public override void Dispose()
    {
        _stop.Cancel();
        _thread?.Join();
        _stop.Dispose();
        _libraryTurn.Dispose();
        _callerTurn.Dispose();
        base.Dispose();
    }

    private void GiveTurn()
    {
        if (_thread is null)
        {
            _thread = new Thread(Run) { Name = $"blobs {_format.Name}", IsBackground = true };
            _thread.Start();
        }

        _libraryTurn.Release();
        _callerTurn.Wait(CancellationToken.None);
    }

    // On the library's thread: the caller's turn, until it has done what was asked for.
    private void Yield()
    {
        _callerTurn.Release();
        _libraryTurn.Wait(_stop.Token);
    }

    private void Run()
    {
        try
        {
            _libraryTurn.Wait(_stop.Token);
            do
            {
                DecodeOne();
            }
            while (IsAnother());
        }
        catch (OperationCanceledException) when (_stop.IsCancellationRequested)
        {
            return;
        }
        catch (Exception fault)
        {
            // Whatever a library throws at damaged bytes.
            _thrown = fault;
        }

        _isEnded = true;
        _callerTurn.Release();
    }

    private void DecodeOne()
    {
        _feed.Begin(_format.Watch(_limits));
        using Stream plain = _format.Open(_feed);
        int read;
        long plainBytes = 0;
        while ((read = plain.Read(_output, 0, _output.Length)) > 0)
        {
            plainBytes += read;
            _outputStart = 0;
            _outputEnd = read;
            Yield();
        }

        _feed.End(plainBytes);
        _lastEnd = _feed.Position;
    }

    private bool IsAnother()
    {
        if (_feed.StartsWith(_format.Magic))
        {
            return true;
        }

        bool hasZeros = _feed.SkipZeros() > 0;
        if (hasZeros && _format.MayPad && _feed.StartsWith(_format.Magic))
        {
            return true;
        }

        if (!_feed.IsAtEnd())
        {
            _trailing.Begin(_feed.Position);
            _feed.ReadAll(_trailing);
        }

        return false;
    }

    private OperationStatus End()
    {
        if (_thrown is LimitExceededException)
        {
            ExceptionDispatchInfo.Throw(_thrown);
        }

        if (_thrown is MalformedDataException { Fault: Fault.UnsupportedCompression } unsupported)
        {
            return Fail(unsupported.Fault, _feed.Position, unsupported.Message);
        }

        return _thrown is not null
            ? _feed.IsOverread
                ? Fail(Fault.TruncatedStream, _feed.Position, $"{_format.Name}: the stream ends early")
                : Fail(_format.Fault, _feed.Position, $"{_format.Name}: the stream is damaged: {_thrown.Message}")
            : _trailing.IsThere ? Fail(Fault.TrailingData, _trailing.Offset, _trailing.Message(_lastEnd))
            : OperationStatus.Done;
    }

    // What the library reads from: bytes of the caller's, asked for when there are none left.
    private sealed class Feed(LibraryDecoder owner) : ReadOnlyStream
    {
        private readonly byte[] _input = new byte[ChunkBytes];
        private int _start;
        private int _end;
        private long _position;
        private bool _isFinal;
        private XzBlocks? _watch;

        public bool IsWaiting { get; private set; }

        /// <summary>Whether the library wanted more bytes than there are.</summary>
        public bool IsOverread { get; private set; }

        public override long Position
        {
            get => _position;
            set => throw new NotSupportedException();
        }

        public void Begin(XzBlocks? watch) => _watch = watch;

        public void End(long plainBytes)
        {
            if (IsOverread)
            {
                throw new EndOfStreamException();
            }

            _watch?.End(plainBytes);
            _watch = null;
        }

        // The caller's side: nothing means that nothing follows.
        public int Take(ReadOnlySpan<byte> bytes)
        {
            IsWaiting = false;
            _isFinal = bytes.IsEmpty;
            int taken = Math.Min(bytes.Length, _input.Length - _end);
            bytes[..taken].CopyTo(_input.AsSpan(_end));
            _end += taken;
            return taken;
        }

        public override int Read(Span<byte> buffer)
        {
            // A coder takes byte by byte: the library has left a chunk before its end, and would take the rest of it for headers.
            if (buffer.Length > 1 && _watch is { IsInCoder: true })
            {
                throw new InvalidDataException("a chunk does not end where its header says");
            }

            // The library takes less than it asked for as the end.
            int filled = 0;
            while (filled < buffer.Length && TryHave(1))
            {
                int read = Math.Min(buffer.Length - filled, _end - _start);
                ReadOnlySpan<byte> bytes = _input.AsSpan(_start, read);
                _watch?.Pass(bytes);
                bytes.CopyTo(buffer[filled..]);
                Advance(read);
                filled += read;
            }

            IsOverread |= filled < buffer.Length;
            return filled;
        }

        public override int ReadByte()
        {
            Span<byte> one = stackalloc byte[1];
            return Read(one) == 1 ? one[0] : -1;
        }

        public bool IsAtEnd() => !TryHave(1);

        public bool StartsWith(ReadOnlySpan<byte> magic) =>
            TryHave(magic.Length) && _input.AsSpan(_start, magic.Length).SequenceEqual(magic);

        public long SkipZeros()
        {
            long skipped = 0;
            while (TryHave(1) && _input[_start] == 0)
            {
                int length = _input.AsSpan(_start, _end - _start).IndexOfAnyExcept((byte)0);
                length = length < 0 ? _end - _start : length;
                Advance(length);
                skipped += length;
            }

            return skipped;
        }

        public void ReadAll(TrailingData trailing)
        {
            while (TryHave(1))
            {
                trailing.Add(_input.AsSpan(_start, _end - _start));
                Advance(_end - _start);
            }
        }

        private void Advance(int count)
        {
            _start += count;
            _position += count;
        }

        private bool TryHave(int count)
        {
            while (_end - _start < count && !_isFinal)
            {
                _input.AsSpan(_start, _end - _start).CopyTo(_input);
                _end -= _start;
                _start = 0;
                IsWaiting = true;
                owner.Yield();
            }

            return _end - _start >= count;
        }
    }
}
