using System.Text;
using Blobs.Tar;
using Blobs.Tar.Internal;

namespace Blobs.Tests.Testing;

/// <summary>Builds small tar archives.</summary>
internal static class Archive
{
    public static byte[] Of(params (TarMember Member, byte[] Payload)[] members) => Of(TarFormat.Pax, members);

    public static byte[] Of(TarFormat format, params (TarMember Member, byte[] Payload)[] members)
    {
        var bytes = new ByteCollector();
        var writer = new TarWriter(bytes, format);
        foreach ((TarMember member, byte[] payload) in members)
        {
            writer.Begin(member);
            writer.Write(payload);
            writer.End();
        }

        writer.Complete();
        return bytes.ToArray();
    }

    public static (TarMember Member, byte[] Payload) File(string name, string text) => File(name, Encoding.UTF8.GetBytes(text));

    public static (TarMember Member, byte[] Payload) File(string name, byte[] payload) =>
        (new TarMember { Name = Encoding.Latin1.GetBytes(name), Size = payload.Length }, payload);

    public static (TarMember Member, byte[] Payload) Directory(string name) =>
        (new TarMember { Name = Encoding.Latin1.GetBytes(name), Type = TarEntryType.Directory, Mode = 0b111_101_101 }, []);

    public static (TarMember Member, byte[] Payload) Link(TarEntryType type, string name, string target) =>
        (new TarMember { Name = Encoding.Latin1.GetBytes(name), Type = type, LinkName = Encoding.Latin1.GetBytes(target), Mode = 0b111_111_111 }, []);

    /// <summary>Returns a member of any type, with payload and padding, whose header the caller can change.</summary>
    public static byte[] Raw(byte type, string name, byte[] payload, Action<byte[]>? change = null)
    {
        var bytes = new ByteCollector();
        var writer = new TarWriter(bytes);
        writer.Begin(new TarMember { Name = [(byte)'x'], Type = (TarEntryType)type, Size = payload.Length });
        byte[] header = bytes.ToArray();
        Encoding.Latin1.GetBytes(name).CopyTo(header, TarLayout.Name);
        change?.Invoke(header);
        TarWriter.WriteChecksum(header);
        return [.. header, .. payload, .. new byte[TarLayout.PaddingOf(payload.Length)]];
    }

    /// <summary>Returns a pax extension with these records. Their lengths are computed.</summary>
    public static byte[] Pax(params (string Key, string Value)[] records) => PaxOf((byte)'x', records);

    public static byte[] GlobalPax(params (string Key, string Value)[] records) => PaxOf((byte)'g', records);

    public static byte[] End { get; } = new byte[2 * TarLayout.BlockBytes];

    private static byte[] PaxOf(byte type, (string Key, string Value)[] records)
    {
        var text = new StringBuilder();
        foreach ((string key, string value) in records)
        {
            string record = $" {key}={value}\n";
            int length = Enumerable.Range(record.Length, 10).First(n => record.Length + $"{n}".Length == n);
            text.Append(length).Append(record);
        }

        return Raw(type, type == 'g' ? "pax_global_header" : "PaxHeaders.0/x", Encoding.Latin1.GetBytes(text.ToString()));
    }
}
