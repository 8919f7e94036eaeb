import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.ByteArrayOutputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.time.LocalDate;
import java.time.ZoneId;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.apache.avro.Schema;
import org.apache.avro.data.TimeConversions;
import org.apache.avro.generic.GenericData;
import org.apache.avro.generic.GenericDatumReader;
import org.apache.avro.generic.GenericDatumWriter;
import org.apache.avro.generic.GenericRecord;
import org.apache.avro.generic.GenericRecordBuilder;
import org.apache.avro.io.DecoderFactory;
import org.apache.avro.io.EncoderFactory;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;

/**
 * A caseworker system in one class: reads tasks, keeps the newest version of each, sends an attempt back. It keeps
 * nothing between two runs: the topic is its store, read from the start each time. How to run it: ../README.md.
 */
public final class Caseworker {
    static final String PREFIX = System.getenv().getOrDefault("TOPIC_PREFIX", "");
    static final HttpClient HTTP = HttpClient.newHttpClient();
    static final Map<Integer, Schema> WRITERS = new HashMap<>();
    static final GenericData DATA = new GenericData();

    public static void main(String[] args) throws Exception {
        DATA.addLogicalTypeConversion(new TimeConversions.DateConversion()); // dates as LocalDate
        var newest = new HashMap<String, Integer>();
        try (var consumer = new KafkaConsumer<>(kafka(), new StringDeserializer(), new ByteArrayDeserializer());
                var producer = new KafkaProducer<>(kafka(), new StringSerializer(), new ByteArraySerializer())) {
            consumer.subscribe(List.of(PREFIX + "outreach-tasks"));
            while (true) {
                for (var record : consumer.poll(Duration.ofSeconds(1))) {
                    GenericRecord task = decode(record.value());
                    String id = task.get("task_id").toString();
                    int sequence = (int) task.get("sequence");
                    if (sequence <= newest.getOrDefault(id, 0)) {
                        continue; // seen before: delivery is at least once
                    }
                    newest.put(id, sequence);
                    System.out.printf("task %s version %d: %s, %s, %s%n",
                            id, sequence, task.get("status"), task.get("rung"), task.get("due_on"));
                    if (sequence == 1 && task.get("status").toString().equals("open")) {
                        producer.send(attempt(id, task)).get(); // returns when the broker has it
                        System.out.printf("task %s: attempt sent%n", id);
                    }
                }
            }
        }
    }

    /** Somebody rang and nobody answered. The id is always the same: telling it twice does no harm. */
    static ProducerRecord<String, byte[]> attempt(String task, GenericRecord of) throws Exception {
        JsonNode latest = registry("/subjects/nl.lantaarn.TaskOutcome/versions/latest");
        Schema schema = new Schema.Parser().parse(latest.get("schema").asText());
        String id = UUID.nameUUIDFromBytes(("urn:example:" + task + ":first-attempt").getBytes()).toString();
        GenericRecord there = (GenericRecord) of.get("address");
        var address = new GenericRecordBuilder(schema.getField("address").schema());
        for (String field : List.of("postcode", "number", "letter", "addition")) {
            address.set(field, there.get(field));
        }
        var outcome = new GenericRecordBuilder(schema).set("id", id).set("partner", "gemeente").set("kind", "attempt")
                .set("channel", "Telefoon").set("signalled_on", LocalDate.now(ZoneId.of("Europe/Amsterdam")))
                .set("task_id", task).set("household", of.get("household")).set("address", address.build()).build();
        var bytes = new ByteArrayOutputStream();
        bytes.write(ByteBuffer.allocate(5).put((byte) 0).putInt(latest.get("id").asInt()).array());
        var encoder = EncoderFactory.get().directBinaryEncoder(bytes, null);
        new GenericDatumWriter<GenericRecord>(schema, DATA).write(outcome, encoder);
        var record = new ProducerRecord<>(PREFIX + "task-outcomes", id, bytes.toByteArray());
        Map.of("ce_specversion", "1.0", "ce_type", "nl.vroegsignalering.taak.uitkomst.v1", "ce_id", id,
                "ce_source", "urn:nld:oin:00000000000000000000:systeem:voorbeeld", "content-type", "application/avro")
                .forEach((name, value) -> record.headers().add(name, value.getBytes()));
        return record;
    }

    /** Confluent wire format: a zero byte, the id of the writer's schema, the record. */
    static GenericRecord decode(byte[] value) throws Exception {
        int id = ByteBuffer.wrap(value).getInt(1);
        if (!WRITERS.containsKey(id)) {
            WRITERS.put(id, new Schema.Parser().parse(registry("/schemas/ids/" + id).get("schema").asText()));
        }
        var decoder = DecoderFactory.get().binaryDecoder(value, 5, value.length - 5, null);
        return new GenericDatumReader<GenericRecord>(WRITERS.get(id), WRITERS.get(id), DATA).read(null, decoder);
    }

    static JsonNode registry(String path) throws Exception {
        var request = HttpRequest.newBuilder(URI.create(System.getenv("REGISTRY_URL") + path)).build();
        var answer = HTTP.send(request, BodyHandlers.ofString());
        if (answer.statusCode() != 200) {
            throw new IllegalStateException(path + ": the registry answered " + answer.statusCode());
        }
        return new ObjectMapper().readTree(answer.body());
    }

    static Map<String, Object> kafka() {
        String login = "org.apache.kafka.common.security.scram.ScramLoginModule required username=\"%s\" password=\"%s\";";
        return Map.of(
                "bootstrap.servers", System.getenv("KAFKA_BOOTSTRAP"),
                "security.protocol", System.getenv().getOrDefault("KAFKA_PROTOCOL", "SASL_SSL"),
                "sasl.mechanism", "SCRAM-SHA-512",
                "sasl.jaas.config", login.formatted(System.getenv("KAFKA_USER"), System.getenv("KAFKA_PASSWORD")),
                "group.id", PREFIX + "caseworker",
                "auto.offset.reset", "earliest",
                "isolation.level", "read_committed",
                "enable.auto.commit", "false");
    }
}
