using Blobs.Tar;
using CsCheck;

namespace Blobs.Tests.Testing;

/// <summary>Generates members of layers, with unique names of unusual bytes, and payloads of any length.</summary>
internal static class TarGen
{
    private static readonly Gen<byte[]> Component =
        Gen.OneOf(
            Gen.Byte[(byte)'a', (byte)'z'].Array[1, 12],
            Gen.Byte[1, 255].Where(value => value != '/').Array[1, 40],
            Gen.Byte[(byte)'a', (byte)'z'].Array[90, 160]).Where(IsOrdinary);

    private static readonly Gen<byte[]> Name =
        Component.Array[1, 4].Select(parts => parts.SelectMany((part, i) => i == 0 ? part : [(byte)'/', .. part]).ToArray());

    private static readonly Gen<UnixTime> Time =
        Gen.Select(Gen.Long[0, 4_102_444_800], Pick.From(0, 1, 500_000_000, 999_999_999), (s, n) => new UnixTime(s, n));

    private static readonly Gen<byte[]> Content =
        Gen.OneOf(
            Gen.Const(Array.Empty<byte>()),
            Gen.Byte.Array[1, 100],
            Gen.Int[500, 530].SelectMany(length => Gen.Byte.Array[length]),
            Gen.Int[1, 20_000].Select(length => Enumerable.Repeat((byte)'x', length).ToArray()));

    private static readonly Gen<(TarMember, byte[])> One =
        from name in Name
        from kind in Gen.Int[0, 9]
        from mode in Gen.Long[0, 0b1_1111_1111]
        from owner in Gen.OneOf(Gen.Long[0, 65_535], Gen.Long[2_097_152, 4_000_000_000])
        from time in Time
        from content in Content
        from target in Name
        select kind switch
        {
            0 => (new TarMember { Name = [.. name, (byte)'/'], Type = TarEntryType.Directory, Mode = mode, Uid = owner, ModifiedTime = time }, []),
            1 => (new TarMember { Name = name, Type = TarEntryType.SymbolicLink, LinkName = target, Mode = mode, Gid = owner, ModifiedTime = time }, []),
            2 => (new TarMember { Name = name, Type = TarEntryType.Fifo, Mode = mode, ModifiedTime = time }, Array.Empty<byte>()),
            _ => (new TarMember { Name = name, Mode = mode, Uid = owner, Gid = owner, ModifiedTime = time, Size = content.Length }, content),
        };

    /// <summary>Members of one archive. No name is a prefix of another, because a file cannot be a directory
    /// too.</summary>
    public static Gen<(TarMember Member, byte[] Payload)[]> Members { get; } =
        One.Array[0, 12].Select(members => members
            .Select((member, i) => (Prefixed(member.Item1, i), member.Item2))
            .ToArray());

    private static TarMember Prefixed(TarMember member, int index) =>
        member with { Name = [.. System.Text.Encoding.ASCII.GetBytes($"{index}-"), .. member.Name] };

    private static bool IsOrdinary(byte[] component) =>
        component is not [(byte)'.'] and not [(byte)'.', (byte)'.'] && !component.AsSpan().StartsWith(".wh."u8);
}
