using System.Buffers;
using System.Runtime.ExceptionServices;
using Blobs.Errors;
using Blobs.Streams;

namespace Blobs.Compression;

/// <summary>
/// Decodes bzip2 and xz with SharpCompress: any number of concatenated streams, with all checksums verified. The library reads from a
/// stream, whereas a decoder is pushed spans, so the library runs on a thread of its own. The two threads take turns and never run at
/// the same time. Zero bytes may follow the last stream, as with gzip; anything else is an error.
/// </summary>
internal sealed class SharpCompressDecoder : Decoder
{
    private const int ChunkBytes = 64 << 10;

    private readonly SharpCompressFormat _format;
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

    public SharpCompressDecoder(SharpCompressFormat format, Limits limits)
    {
        _format = format;
        _limits = limits;
        _trailing = new TrailingData(format.Name, "stream");
        _feed = new Feed(this);
    }

    // SharpCompress keeps its own window.
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

    // Called on the library's thread. Gives the turn to the caller, and waits until it comes back.
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
            // The library throws exceptions of many types for damaged data.
            _thrown = fault;
        }

        _isEnded = true;
        _callerTurn.Release();
    }

    private void DecodeOne()
    {
        _feed.Begin(_format.CreateChecker(_limits));
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
            : _trailing.IsPresent ? Fail(Fault.TrailingData, _trailing.Offset, _trailing.Message(_lastEnd))
            : OperationStatus.Done;
    }

    // The stream that the library reads from. It buffers the caller's bytes, and gives the turn to the caller when it needs more.
    private sealed class Feed(SharpCompressDecoder owner) : ReadOnlyStream
    {
        private readonly byte[] _input = new byte[ChunkBytes];
        private int _start;
        private int _end;
        private long _position;
        private bool _isFinal;
        private XzStreamChecker? _checker;

        public bool IsWaiting { get; private set; }

        /// <summary>Whether the library tried to read beyond the end of the source.</summary>
        public bool IsOverread { get; private set; }

        public override long Position
        {
            get => _position;
            set => throw new NotSupportedException();
        }

        public void Begin(XzStreamChecker? checker) => _checker = checker;

        public void End(long plainBytes)
        {
            if (IsOverread)
            {
                throw new EndOfStreamException();
            }

            _checker?.End(plainBytes);
            _checker = null;
        }

        // Called on the caller's thread with the next bytes. No bytes mean the end of the source.
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
            // The library reads compressed data byte by byte. A larger read means that it has left a chunk before its end, and would
            // read the rest of the chunk as headers.
            if (buffer.Length > 1 && _checker is { IsInCoder: true })
            {
                throw new InvalidDataException("a chunk does not end where its header says");
            }

            // The library treats a short read as the end of the stream.
            int filled = 0;
            while (filled < buffer.Length && TryHave(1))
            {
                int read = Math.Min(buffer.Length - filled, _end - _start);
                ReadOnlySpan<byte> bytes = _input.AsSpan(_start, read);
                _checker?.Pass(bytes);
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
