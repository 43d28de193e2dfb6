using System.Globalization;
using System.Text;
using Blobs.Docker;
using Blobs.Docker.Layers;
using Blobs.Errors;
using Blobs.Tar.Internal;
using Blobs.Tests.Testing;
using Blobs.Transfer;

namespace Blobs.Tests.Transfer;

/// <summary>Archives with sparse members, which bsdtar writes on macOS by default, and GNU tar on request.</summary>
public sealed class SparseMemberTests : IDisposable
{
    private readonly TemporaryFolder _folder = new(inMemory: true);

    public static TheoryData<string> Forms => ["gnu", "0.0", "0.1", "1.0"];

    public void Dispose() => _folder.Dispose();

    [Theory]
    [MemberData(nameof(Forms))]
    public async Task An_archive_of_such_members_loads_from_a_file_and_from_a_pipe(string form)
    {
        SampleImage sample = SampleImage.From([Layer("one"), Layer("two")]);
        byte[] archive = Sparse(form, sample);
        await File.WriteAllBytesAsync(_folder["archive.tar"], archive);
        DockerRoot fromFile = DockerRoot.Open(_folder["file"]);
        DockerRoot fromPipe = DockerRoot.Open(_folder["pipe"]);
        DockerRoot spooled = DockerRoot.Open(_folder["spooled"], new DockerRootOptions { Driver = "vfs" });
        Assert.Equal(sample.Config.Id, Assert.Single(await ImageLoader.LoadAsync(_folder["archive.tar"], fromFile)).Id);
        Assert.Equal(sample.Config.Id, Assert.Single(await ImageLoader.LoadAsync(new ChunkedStream(archive, 1000), "pipe", fromPipe)).Id);
        Assert.Equal(sample.Config.Id, Assert.Single(await ImageLoader.LoadAsync(new ChunkedStream(archive, 1000), "pipe", spooled)).Id);
        using ImageArchive opened = await ImageArchive.OpenAsync(_folder["archive.tar"]);
        await using Stream layer = await opened.Images[0].Layers[1].OpenAsync();
        using var content = new MemoryStream();
        await layer.CopyToAsync(content);
        Assert.Equal(sample.Layers[1], content.ToArray());
    }

    [Fact]
    public async Task A_few_bytes_do_not_become_many()
    {
        byte[] archive = [.. Member("1.0", "0/layer.tar", new byte[512], 1L << 39), .. Archive.End];
        LimitExceededException fault = await Assert.ThrowsAsync<LimitExceededException>(
            () => ImageLoader.LoadAsync(new MemoryStream(archive), "archive", DockerRoot.Open(_folder["root"])));
        Assert.Equal(nameof(Limits.ExpansionRatio), fault.Limit);
    }

    private static byte[] Layer(string name) => Archive.Of(
        Archive.File($"{name}-hole", new byte[9000]), Archive.File($"{name}-text", name), Archive.File($"{name}-end", new byte[5000]));

    private static byte[] Sparse(string form, SampleImage sample)
    {
        string names = string.Join(',', Enumerable.Range(0, sample.Layers.Length).Select(i => $"\"{i}/layer.tar\""));
        return
        [
            .. sample.Layers.SelectMany((layer, i) => Member(form, $"{i}/layer.tar", layer, layer.Length)),
            .. Member(form, "config.json", sample.Config.Bytes.ToArray(), sample.Config.Bytes.Length),
            .. Member(form, "manifest.json", Encoding.ASCII.GetBytes($"[{{\"Config\":\"config.json\",\"RepoTags\":null,\"Layers\":[{names}]}}]")),
            .. Archive.End,
        ];
    }

    // Runs are cut at blocks of 512; a file that is one run begins with it.
    private static byte[] Member(string form, string name, byte[] content, long? length = null)
    {
        long size = length ?? content.Length;
        List<(long Offset, long Length)> runs = [];
        var stored = new List<byte>();
        for (int position = 0; position < content.Length; position += 512)
        {
            int end = Math.Min(content.Length, position + 512);
            if (content.AsSpan(position, end - position).ContainsAnyExcept((byte)0))
            {
                stored.AddRange(content.AsSpan(position, end - position));
                bool goesOn = runs.Count > 0 && runs[^1].Offset + runs[^1].Length == position;
                runs = goesOn ? [.. runs[..^1], (runs[^1].Offset, runs[^1].Length + end - position)] : [.. runs, (position, end - position)];
            }
        }

        byte[] data = [.. stored];
        string[] numbers = [.. runs.SelectMany(run => new[] { run.Offset, run.Length }).Select(number => number.ToString(CultureInfo.InvariantCulture))];
        switch (form)
        {
            case "gnu":
                return Gnu(name, data, runs, size);
            case "0.0":
                (string, string)[] pairs = [.. numbers.Select((number, i) => (i % 2 == 0 ? "GNU.sparse.offset" : "GNU.sparse.numbytes", number))];
                return [.. Archive.Pax([("GNU.sparse.size", $"{size}"), ("GNU.sparse.numblocks", $"{runs.Count}"), .. pairs]), .. Archive.Raw((byte)'0', name, data)];
            case "0.1":
                return
                [
                    .. Archive.Pax(
                        ("GNU.sparse.size", $"{size}"), ("GNU.sparse.numblocks", $"{runs.Count}"), ("GNU.sparse.name", name), ("GNU.sparse.map", string.Join(',', numbers))),
                    .. Archive.Raw((byte)'0', $"GNUSparseFile.0/{name}"[..Math.Min(90, $"GNUSparseFile.0/{name}".Length)], data),
                ];
            default:
                byte[] map = Encoding.ASCII.GetBytes($"{runs.Count}\n{string.Concat(numbers.Select(number => $"{number}\n"))}");
                byte[] padded = [.. map, .. new byte[TarLayout.PaddingOf(map.Length)]];
                return
                [
                    .. Archive.Pax(("GNU.sparse.major", "1"), ("GNU.sparse.minor", "0"), ("GNU.sparse.name", name), ("GNU.sparse.realsize", $"{size}")),
                    .. Archive.Raw((byte)'0', "GNUSparseFile.0/x", [.. padded, .. data]),
                ];
        }
    }

    // The old form has four runs in the header and 21 in each block behind it.
    private static byte[] Gnu(string name, byte[] data, List<(long Offset, long Length)> runs, long size)
    {
        const int InHeader = 4;
        const int InBlock = 21;
        const int MapOffset = 386;
        byte[] member = Archive.Raw((byte)'S', name, data, header =>
        {
            "ustar  \0"u8.CopyTo(header.AsSpan(TarLayout.Magic));
            header.AsSpan(TarLayout.Prefix, 155).Clear();
            Runs(header.AsSpan(MapOffset), runs.Take(InHeader));
            header[MapOffset + (InHeader * 24)] = runs.Count > InHeader ? (byte)1 : (byte)0;
            Octal(header.AsSpan(MapOffset + (InHeader * 24) + 1, 12), size);
        });
        var blocks = new List<byte>();
        for (int taken = InHeader; taken < runs.Count; taken += InBlock)
        {
            byte[] block = new byte[TarLayout.BlockBytes];
            Runs(block, runs.Skip(taken).Take(InBlock));
            block[InBlock * 24] = runs.Count > taken + InBlock ? (byte)1 : (byte)0;
            blocks.AddRange(block);
        }

        return [.. member.AsSpan(0, TarLayout.BlockBytes), .. blocks, .. member.AsSpan(TarLayout.BlockBytes)];
    }

    private static void Runs(Span<byte> target, IEnumerable<(long Offset, long Length)> runs)
    {
        foreach ((long offset, long length) in runs)
        {
            Octal(target[..12], offset);
            Octal(target[12..24], length);
            target = target[24..];
        }
    }

    private static void Octal(Span<byte> field, long value) =>
        Encoding.ASCII.GetBytes(Convert.ToString(value, 8).PadLeft(11, '0')).CopyTo(field);
}
